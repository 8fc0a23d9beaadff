#include "adapters/http/origin_check.hpp"

#include <algorithm>

#include "adapters/http/header_text.hpp"
#include "adapters/http/problem.hpp"

namespace danwa::adapters::http {
namespace {

constexpr std::string_view kNull = "null";

bool is_default(std::uint16_t port) { return port == default_port("http") || port == default_port("https"); }

bool matches_entry(const Authority& entry, const Authority& host) {
  if (entry.host != host.host) return false;
  if (!entry.port || entry.port == host.port) return true;
  return !host.port && is_default(*entry.port);
}

bool matches_entry(const Origin& entry, const Origin& origin) {
  if (entry.scheme != origin.scheme || entry.authority.host != origin.authority.host) return false;
  return !entry.authority.port || is_same_server(origin.scheme, entry.authority, origin.authority);
}

bool is_own(std::string_view text, std::string_view host) {
  const auto origin = parse_origin(text);
  const auto own = parse_authority(host);
  if (!origin || !own || (origin->scheme != "http" && origin->scheme != "https")) return false;
  return is_same_server(origin->scheme, origin->authority, *own);
}

}  // namespace

HostList::HostList(std::span<const std::string> entries) : given_{entries.size()} {
  for (const auto& entry : entries) {
    if (auto host = parse_authority(entry)) entries_.push_back(std::move(*host));
  }
}

bool HostList::contains(std::string_view text) const {
  const auto host = parse_authority(text);
  return host && std::any_of(entries_.begin(), entries_.end(),
                             [&host](const Authority& entry) { return matches_entry(entry, *host); });
}

OriginList::OriginList(std::span<const std::string> entries) : given_{entries.size()} {
  for (const auto& entry : entries) {
    null_ = null_ || entry == kNull;
    if (auto origin = parse_origin(entry)) entries_.push_back(std::move(*origin));
  }
}

bool OriginList::contains(std::string_view text) const {
  if (text == kNull) return null_;
  const auto origin = parse_origin(text);
  return origin && std::any_of(entries_.begin(), entries_.end(),
                               [&origin](const Origin& entry) { return matches_entry(entry, *origin); });
}

std::optional<Response> OriginCheck::refuse_host(const Request& request) const {
  if (hosts_.empty() || hosts_.contains(request.header("host").value_or(""))) return std::nullopt;
  return problem(421, "host-not-served", "This server does not answer for that host.");
}

std::optional<Response> OriginCheck::refuse_origin(const Request& request) const {
  const auto origin = request.header("origin");
  if (origins_.empty() || !origin) return std::nullopt;
  const bool one = request.count_header("origin") == 1;
  if (one && (is_own(*origin, request.header("host").value_or("")) || origins_.contains(*origin))) return std::nullopt;
  return problem(403, "origin-not-allowed", "Pages of that origin may not use this server.");
}

void OriginFinder::feed(std::string_view bytes) {
  size_ += bytes.size();
  while (!bytes.empty() && !done_) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    line_.append(bytes.substr(0, std::min(end, kMaxLine - line_.size())));
    if (end == bytes.size()) break;
    see(line_);
    line_.clear();
    bytes.remove_prefix(end + 1);
  }
  done_ = done_ || size_ >= kMaxBytes;
}

void OriginFinder::see(std::string_view line) {
  constexpr std::string_view kName = "origin:";
  if (line.ends_with('\r')) line.remove_suffix(1);
  done_ = line.empty();
  if (line.size() < kName.size() || !equals_ignoring_case(line.substr(0, kName.size()), kName)) return;
  origin_ = trim(line.substr(kName.size()));
  ++count_;
}

}  // namespace danwa::adapters::http
