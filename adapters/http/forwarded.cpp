#include "adapters/http/forwarded.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/http/header_text.hpp"

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

std::optional<std::uint8_t> parse_octet(std::string_view text) {
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text.size() > 3 || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_loopback_v4(std::string_view text) {
  std::array<std::uint8_t, 4> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto end = i < 3 ? text.find('.') : text.size();
    const auto octet = end == std::string_view::npos ? std::nullopt : parse_octet(text.substr(0, end));
    if (!octet) return false;
    octets[i] = *octet;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return text.empty() && octets[0] == 127;
}

/// True when `text` is `groups` groups of zeros with a colon behind each, or fewer and `::`.
bool is_all_zero(std::string_view text, std::ptrdiff_t groups) {
  const auto is_zero_or_colon = [](char c) { return c == '0' || c == ':'; };
  const auto colons = std::count(text.begin(), text.end(), ':');
  const bool whole = text.find("::") == std::string_view::npos ? colons == groups : colons <= groups + 1;
  return whole && std::all_of(text.begin(), text.end(), is_zero_or_colon) &&
         text.find(":::") == std::string_view::npos && text.find("00000") == std::string_view::npos;
}

/// `::1` and `::ffff:127.0.0.1`, however they are written.
bool is_loopback_v6(std::string_view text) {
  text = text.substr(0, text.find('%'));  // the zone
  const auto last = text.rfind(':');
  if (last == std::string_view::npos) return false;
  const auto tail = text.substr(last + 1);
  auto front = text.substr(0, last + 1);
  if (tail.find('.') == std::string_view::npos) {
    const auto digits = tail.substr(std::min(tail.find_first_not_of('0'), tail.size()));
    return tail.size() <= 4 && digits == "1" && is_all_zero(front, 7);
  }
  constexpr std::string_view kMapped = "ffff:";
  if (front.size() < kMapped.size()) return false;
  const auto before = front.size() - kMapped.size();
  return equals_ignoring_case(front.substr(before), kMapped) && is_all_zero(front.substr(0, before), 5) &&
         is_loopback_v4(tail);
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
