#include "adapters/http/etag.hpp"

#include "adapters/http/header_text.hpp"

namespace danwa::adapters::http {
namespace {

constexpr std::uint64_t kNoVersion = 0;

domain::Errors if_match_invalid() {
  return domain::DomainError{domain::ErrorKind::malformed, "if-match-invalid", "if-match",
                             "If-Match must be `*` or one entity tag."};
}

bool is_quoted(std::string_view tag) {
  return tag.size() >= 2 && tag.front() == '"' && tag.back() == '"' &&
         tag.substr(1, tag.size() - 2).find('"') == std::string_view::npos;
}

std::string_view without_weakness(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

}  // namespace

std::string to_etag(std::uint64_t version) { return '"' + std::to_string(version) + '"'; }

domain::Result<std::optional<std::uint64_t>> if_match(const Request& request) {
  const auto value = request.header("if-match");
  if (!value) return std::optional<std::uint64_t>{};
  if (request.count_header("if-match") > 1) return domain::fail(if_match_invalid());
  if (*value == "*") return std::optional<std::uint64_t>{};
  if (!is_quoted(without_weakness(*value))) return domain::fail(if_match_invalid());
  if (value->starts_with("W/")) return kNoVersion;
  return parse_decimal(value->substr(1, value->size() - 2)).value_or(kNoVersion);
}

bool none_match_hits(const Request& request, std::string_view etag) {
  auto rest = request.header("if-none-match").value_or(std::string_view{});
  if (rest == "*") return true;
  while (const auto tag = next_element(rest, ',')) {
    if (without_weakness(*tag) == without_weakness(etag)) return true;
  }
  return false;
}

}  // namespace danwa::adapters::http
