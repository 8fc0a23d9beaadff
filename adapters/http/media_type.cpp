#include "adapters/http/media_type.hpp"

#include "adapters/http/header_text.hpp"

namespace danwa::adapters::http {
namespace {

bool is_utf8_charset(std::string_view parameter) {
  const auto equals = parameter.find('=');
  if (equals == std::string_view::npos) return false;
  if (!equals_ignoring_case(parameter.substr(0, equals), "charset")) return is_token(parameter.substr(0, equals));
  auto value = parameter.substr(equals + 1);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return equals_ignoring_case(value, "utf-8");
}

}  // namespace

bool is_json(const Request& request) {
  if (request.count_header("content-type") != 1) return false;
  const auto encoding = request.header("content-encoding");
  if (encoding && !equals_ignoring_case(*encoding, "identity")) return false;
  auto rest = *request.header("content-type");
  const auto type = next_element(rest, ';');
  if (!type || !equals_ignoring_case(*type, "application/json")) return false;
  while (const auto parameter = next_element(rest, ';')) {
    if (!is_utf8_charset(*parameter)) return false;
  }
  return true;
}

}  // namespace danwa::adapters::http
