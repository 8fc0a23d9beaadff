#include "adapters/protocol/json/json_writer.hpp"

namespace danwa::adapters {
namespace {

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kShort = "\"\\\n\r\t";
  const auto which = kShort.find(c);
  if (which != std::string_view::npos) {
    out += '\\';
    out += "\"\\nrt"[which];
    return;
  }
  out += "\\u00";
  out += "0123456789abcdef"[(c >> 4) & 0x0F];
  out += "0123456789abcdef"[c & 0x0F];
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text, plain, i - plain);
    append_escaped(out, text[i]);
    plain = i + 1;
  }
  out.append(text, plain);
  out += '"';
}

}  // namespace danwa::adapters
