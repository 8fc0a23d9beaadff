#include "adapters/http/forwarded.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "adapters/http/header_text.hpp"
#include "adapters/http/ip_address.hpp"

// The idea: every address that any proxy names must be one of loopback (127.0.0.0/8, ::1, or the former mapped into
// IPv6). A name that is no address, as `unknown` or `_hidden` of RFC 7239, is nobody's on this host.

namespace danwa::adapters::http {
namespace {

/// Headers whose value is a list of addresses, the client's first.
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

/// `::1` and `::ffff:127.0.0.1`, however they are written.
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

/// An address, perhaps in quotes, perhaps with a port: `127.0.0.1:4711`, `"[::1]:4711"`, `::1`.
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

/// What the headers of a request tell of the way that it took.
struct Way {
  bool proxied = false;    // some proxy left a trace
  bool addressed = false;  // some address was named
  bool far = false;        // one of them is not of this host

  void add(std::string_view address) {
    addressed = true;
    far = far || !is_loopback(address);
  }
  void add_list(std::string_view list) {
    while (const auto element = next_element(list, ',')) {
      if (!element->empty()) add(*element);
    }
  }
  /// RFC 7239 section 4: elements of `name=value` pairs, of which `for` is the client.
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

}  // namespace danwa::adapters::http
