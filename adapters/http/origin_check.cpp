#include "adapters/http/origin_check.hpp"

#include <algorithm>
#include <array>

#include "adapters/http/problem.hpp"
#include "adapters/protocol/http/fields.hpp"

// Two checks keep strangers from a node that trusts its own host, and CORS opens it to listed pages.
//
// Proxies: every address that any proxy names must be a loopback address (127.0.0.0/8, ::1, or the former mapped into
// IPv6). A name that is not an address, such as `unknown` or `_hidden` of RFC 7239, cannot be placed on this host.
//
// Browsers: any website can make a browser connect to 127.0.0.1, under a host name of its own (DNS rebinding). So the
// `Host` must be a known one, and the `Origin` must be listed or be the `Host` itself.

namespace danwa::adapters::http {
namespace {

/// Headers whose value is a list of addresses, that of the client first.
constexpr std::array<std::string_view, 27> kAddressHeaders{"cf-connecting-ip",
                                                           "cf-connecting-ipv6",
                                                           "cf-pseudo-ipv4",
                                                           "client-ip",
                                                           "do-connecting-ip",
                                                           "fastly-client-ip",
                                                           "fly-client-ip",
                                                           "forwarded-for",
                                                           "proxy-client-ip",
                                                           "true-client-ip",
                                                           "wl-proxy-client-ip",
                                                           "x-appengine-user-ip",
                                                           "x-azure-clientip",
                                                           "x-azure-socketip",
                                                           "x-client-ip",
                                                           "x-cluster-client-ip",
                                                           "x-coming-from",
                                                           "x-envoy-external-address",
                                                           "x-forwarded",
                                                           "x-forwarded-for",
                                                           "x-host-client-ip",
                                                           "x-nf-client-connection-ip",
                                                           "x-original-forwarded-for",
                                                           "x-proxyuser-ip",
                                                           "x-real-ip",
                                                           "x-remote-addr",
                                                           "x-remote-ip"};

/// Headers that only proxies send, without an address.
constexpr std::array<std::string_view, 2> kTraces{"via", "cdn-loop"};

bool is_loopback_v4(std::string_view text) {
  const auto address = parse_ipv4(text);
  return address && address->front() == 127;
}

/// True for `::1` and `::ffff:127.0.0.1`, in any spelling.
bool is_loopback_v6(std::string_view text) {
  constexpr IpV6 kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr IpV6 kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127};
  const auto address = parse_ipv6(text.substr(0, text.find('%')));  // without the zone
  return address && (*address == kLoopback || std::equal(kMapped.begin(), kMapped.begin() + 13, address->begin()));
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

/// True for a loopback address, perhaps in quotes, perhaps with a port: `127.0.0.1:4711`, `"[::1]:4711"`, `::1`.
bool is_loopback(std::string_view text) {
  text = trim(without_quotes(trim(text)));
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    const auto port = end == std::string_view::npos ? std::string_view{"?"} : text.substr(end + 1);
    return (port.empty() || port.front() == ':') && is_loopback_v6(text.substr(1, end - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
  return is_loopback_v4(text) || is_loopback_v6(text);
}

/// The way that a request took, as its headers show it.
struct Way {
  bool proxied = false;    // a proxy left a trace
  bool addressed = false;  // an address was named
  bool far = false;        // one of the addresses is not of this host

  void add(std::string_view address) {
    addressed = true;
    far = far || !is_loopback(address);
  }
  void add_list(std::string_view list) {
    while (const auto element = next_element(list, ',')) {
      if (!element->empty()) add(*element);
    }
  }
  /// Reads `Forwarded` (RFC 7239 section 4): elements of `name=value` pairs, in which `for` is the client.
  void add_forwarded(std::string_view list) {
    while (const auto element = next_element(list, ',')) {
      std::string_view pairs = *element;
      while (const auto pair = next_element(pairs, ';')) {
        const auto equals = pair->find('=');
        if (equals == std::string_view::npos) continue;
        if (equals_ignoring_case(trim(pair->substr(0, equals)), "for")) add(pair->substr(equals + 1));
      }
    }
  }
};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_forwarded_from_afar(const std::vector<std::pair<std::string, std::string>>& headers) {
  Way way;
  for (const auto& [name, value] : headers) {
    const bool lists = is_one_of(name, kAddressHeaders);
    if (lists) way.add_list(value);
    if (name == "forwarded") way.add_forwarded(value);
    way.proxied =
        way.proxied || lists || name == "forwarded" || name.starts_with("x-forwarded-") || is_one_of(name, kTraces);
  }
  return way.far || (way.proxied && !way.addressed);
}

domain::Errors development_behind_proxy() {
  return domain::DomainError{domain::ErrorKind::forbidden, "development-behind-proxy", "authorization",
                             "A proxy has passed this on, and auth.mode is development, which believes every name: "
                             "only for callers on this host. Use auth.mode = \"jwt\"."};
}

namespace {

constexpr const char* kUsualHeaders =
    "Authorization, Content-Type, Danwa-Position, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID";

bool is_usual(std::string_view asked) {
  std::string_view usual = kUsualHeaders;
  while (const auto name = next_element(usual, ',')) {
    if (equals_ignoring_case(*name, asked)) return true;
  }
  return false;
}

/// The usual headers, and those that a preflight asks for; only the usual ones if it asks for an invalid name.
std::string allowed_headers(const Request& request) {
  std::string names = kUsualHeaders;
  for (const auto name : request.elements("access-control-request-headers")) {
    if (name.empty() || is_usual(name)) continue;
    if (!is_token(name)) return kUsualHeaders;
    names.append(", ").append(name);
  }
  return names;
}

}  // namespace

void CorsPolicy::grant(std::string_view origin, Response& answer) const {
  if (origins_.empty()) return;
  answer.headers.emplace_back("Vary", "Origin");
  if (origin.empty() || !origins_.contains(origin)) return;
  answer.headers.emplace_back("Access-Control-Allow-Origin", std::string{origin});
  answer.headers.emplace_back("Access-Control-Expose-Headers",
                              "ETag, Link, Location, Danwa-Position, Idempotency-Replayed, Retry-After");
}

void CorsPolicy::allow_preflight(const Request& request, Response& answer) const {
  if (request.method != "OPTIONS" || answer.status != 204 || !request.header("access-control-request-method")) return;
  if (origins_.empty()) return;
  answer.headers.emplace_back("Vary", "Access-Control-Request-Headers");
  if (request.count_header("origin") != 1 || !origins_.contains(*request.header("origin"))) return;
  answer.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  answer.headers.emplace_back("Access-Control-Allow-Headers", allowed_headers(request));
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
}

namespace {

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

std::optional<Origin> parse_listed_origin(std::string_view text) {
  return text == "null" ? Origin{"null", {}} : parse_origin(text);
}

template <class Place, auto Parse>
AllowList<Place, Parse>::AllowList(std::span<const std::string> entries) : given_{entries.size()} {
  for (const auto& entry : entries) {
    if (auto place = Parse(entry)) entries_.push_back(std::move(*place));
  }
}

template <class Place, auto Parse>
bool AllowList<Place, Parse>::contains(std::string_view text) const {
  const auto place = Parse(text);
  return place && std::any_of(entries_.begin(), entries_.end(),
                              [&place](const Place& entry) { return matches_entry(entry, *place); });
}

template class AllowList<Authority, parse_authority>;
template class AllowList<Origin, parse_listed_origin>;

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
