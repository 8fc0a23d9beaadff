#include "adapters/protocol/graphql/error.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace danwa::adapters::graphql {
namespace {

nlohmann::ordered_json to_json(const Location& location) {
  auto out = nlohmann::ordered_json::object();
  out["line"] = location.line;
  out["column"] = location.column;
  return out;
}

nlohmann::ordered_json to_json(const Path& path) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& step : path) {
    std::visit([&out](const auto& value) { out.push_back(value); }, step);
  }
  return out;
}

bool begins_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace

Location locate(std::string_view text, Offset offset) {
  Location found;
  const std::size_t end = std::min<std::size_t>(offset, text.size());
  for (std::size_t at = 0; at < end; ++at) {
    const bool half = text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    if ((text[at] == '\n' || text[at] == '\r') && !half) {
      ++found.line;
      found.column = 1;
    } else if (begins_code_point(text[at])) {
      ++found.column;
    }
  }
  return found;
}

nlohmann::ordered_json to_json(const GraphqlError& error) {
  auto out = nlohmann::ordered_json::object();
  out["message"] = error.message;
  for (const auto& location : error.locations) out["locations"].push_back(to_json(location));
  if (!error.path.empty()) out["path"] = to_json(error.path);
  out["extensions"]["code"] = error.code;
  if (!error.resource.empty()) out["extensions"]["resource"] = error.resource;
  return out;
}

nlohmann::ordered_json to_json(const GraphqlErrors& errors) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& error : errors) out.push_back(to_json(error));
  return out;
}

nlohmann::ordered_json failed_request(const GraphqlErrors& errors) {
  auto out = nlohmann::ordered_json::object();
  out["errors"] = to_json(errors);
  return out;
}

}  // namespace danwa::adapters::graphql
