#include "adapters/http/media_type.hpp"

#include <algorithm>
#include <array>

#include "adapters/http/header_text.hpp"
#include "adapters/http/parameters.hpp"

namespace danwa::adapters::http {
namespace {

/// No other coding than identity, in any of the lines.
bool is_unencoded(const Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (name != "content-encoding") continue;
    std::string_view rest = value;
    while (const auto coding = next_element(rest, ',')) {
      if (!coding->empty() && !equals_ignoring_case(*coding, "identity")) return false;
    }
  }
  return true;
}

}  // namespace

bool is_utf8_name(std::string_view charset) {
  constexpr std::array<std::string_view, 3> kNames{"utf-8", "utf8", "csutf8"};  // IANA's, and what people write
  return std::any_of(kNames.begin(), kNames.end(),
                     [charset](std::string_view name) { return equals_ignoring_case(charset, name); });
}

bool is_json(const Request& request) {
  if (request.count_header("content-type") != 1 || !is_unencoded(request)) return false;
  auto rest = *request.header("content-type");
  const auto type = next_element(rest, ';');
  if (!type || !equals_ignoring_case(*type, "application/json")) return false;
  Parameters parameters{rest};
  while (const auto parameter = parameters.next()) {
    if (equals_ignoring_case(parameter->name, "charset") && !is_utf8_name(parameter->value)) return false;
  }
  return !parameters.malformed();
}

}  // namespace danwa::adapters::http
