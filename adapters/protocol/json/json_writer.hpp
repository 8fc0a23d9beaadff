#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace danwa::adapters {

/// Appends `text` (well-formed UTF-8) as a JSON string, quotes included (RFC 8259 section 7).
void append_json_string(std::string& out, std::string_view text);

/// Appends one JSON object to a text, member by member.
///
///     ObjectWriter object{out};
///     object.text("name", value);
///     object.end();
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_{out} { out_ += '{'; }

  void text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_string(out_, value);
  }
  /// A text, or null.
  template <class Text>
  void optional_text(std::string_view name, const std::optional<Text>& value) {
    value ? text(name, value->value()) : raw(name, "null");
  }
  void number(std::string_view name, std::uint64_t value) {
    begin(name);
    out_ += std::to_string(value);
  }
  void raw(std::string_view name, std::string_view json) {
    begin(name);
    out_ += json;
  }
  void end() { out_ += '}'; }

 private:
  void begin(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  std::string& out_;
  bool first_ = true;
};

/// A JSON array of the values that `append(out, element)` writes.
template <class List, class Append>
std::string json_array(const List& list, Append append) {
  std::string out = "[";
  for (const auto& element : list) {
    if (out.size() > 1) out += ',';
    append(out, element);
  }
  out += ']';
  return out;
}

}  // namespace danwa::adapters
