#include <cmath>
#include <cstdio>

#include "adapters/json/json_text.hpp"
#include "domain/core/overloaded.hpp"
#include "domain/core/utf8.hpp"
#include "infra/log/json_logger.hpp"

namespace danwa::infra {
namespace {

using adapters::LogField;
using adapters::LogLevel;

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "";
}

/// Appends a valid JSON string for any bytes. If they are not well-formed UTF-8, all non-ASCII bytes become `?`.
void append_safe_string(std::string& out, std::string_view text) {
  if (domain::count_code_points(text)) return adapters::append_json_string(out, text);
  std::string ascii;
  for (const char c : text) ascii += static_cast<unsigned char>(c) < 0x80 ? c : '?';
  adapters::append_json_string(out, ascii);
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  char digits[32];
  const int size = std::snprintf(digits, sizeof digits, "%.6g", value);
  return std::string(digits, static_cast<std::size_t>(size));
}

void append_value(std::string& out, const adapters::LogValue& value) {
  std::visit(domain::Overloaded{
                 [&](const std::string& text) { append_safe_string(out, text); },
                 [&](std::int64_t integer) { out += std::to_string(integer); },
                 [&](double real) { out += number(real); },
                 [&](bool truth) { out += truth ? "true" : "false"; },
             },
             value);
}

}  // namespace

std::string format_json_line(LogLevel level, std::string_view event, std::string_view node,
                             const std::vector<LogField>& fields, std::string_view timestamp) {
  std::string line = R"({"ts":")";
  line.append(timestamp).append(R"(","level":")").append(name_of(level)).append(R"(","event":)");
  append_safe_string(line, event);
  if (!node.empty()) {
    line += R"(,"node":)";
    append_safe_string(line, node);
  }
  for (const auto& field : fields) {
    line += ',';
    append_safe_string(line, field.name);
    line += ':';
    append_value(line, field.value);
  }
  line += '}';
  return line;
}

std::string format_text_line(LogLevel level, std::string_view event, const std::vector<LogField>& fields,
                             std::string_view timestamp) {
  std::string line{timestamp.substr(11, 12)};
  line.append(" ").append(name_of(level));
  line.append(6 - name_of(level).size(), ' ').append(event);
  for (const auto& field : fields) {
    line.append(" ").append(field.name).append("=");
    append_value(line, field.value);
  }
  return line;
}

}  // namespace danwa::infra
