#include "infra/net/host_port.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "adapters/http/ip_address.hpp"

namespace danwa::net {
namespace {

constexpr std::size_t kMaxHost = 253;  // RFC 1035 section 2.3.4, as text

bool is_v4(std::string_view host) { return adapters::http::parse_ipv4(host).has_value(); }

/// With or without a zone (RFC 4007 section 11).
bool is_v6(std::string_view host) {
  return adapters::http::parse_ipv6(host.substr(0, host.find('%'))).has_value() && !host.ends_with('%');
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_of_a_name(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

/// True for `10.0.0.256` and `127.1`: a resolver takes them for names, or reads them in unexpected ways.
bool looks_like_v4(std::string_view host) {
  const auto last = host.substr(host.rfind('.') + 1);
  return !last.empty() && std::all_of(last.begin(), last.end(), is_digit);
}

/// The fault of a host outside brackets; nullopt if it is valid.
std::optional<std::string> fault_of_name(const std::string& host) {
  if (host.empty()) return std::nullopt;
  if (host == "*") return "must leave the host out for all addresses, as in :8080";
  const auto strange = std::find_if_not(host.begin(), host.end(), is_of_a_name);
  if (strange != host.end()) return std::string{"has a '"} + *strange + "' in the host";
  if (host.size() > kMaxHost) return "has a host of more than 253 characters";
  if (looks_like_v4(host) && !is_v4(host)) return "has a host that is no IPv4 address: it needs four numbers up to 255";
  return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  unsigned port = 0;
  const auto* end = digits.data() + digits.size();
  const auto [parsed, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc{} || parsed != end || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

bool is_visible(char c) { return c > ' ' && c < 0x7F; }

}  // namespace

std::string HostPort::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool HostPort::is_numeric() const { return is_v4(host) || is_v6(host); }

tl::expected<HostPort, std::string> parse_host_port(std::string_view text) {
  const auto fault = [text](const std::string& what) {
    return tl::unexpected{"\"" + std::string{text} + "\" " + what};
  };
  if (text.empty()) return fault("is empty");
  if (!std::all_of(text.begin(), text.end(), is_visible)) return fault("has a character that no address has");
  if (text.find("://") != std::string_view::npos) return fault("is a URL, and host:port alone is expected");
  const bool bracketed = text.front() == '[';
  const auto colon = bracketed ? text.find("]:") : text.find(':');
  if (bracketed && colon == std::string_view::npos) {
    return fault("has no port behind an IPv6 address in brackets, as in [::1]:8080");
  }
  if (colon == std::string_view::npos) return fault("has no port, as in " + std::string{text} + ":8080");
  const std::string host{bracketed ? text.substr(1, colon - 1) : text.substr(0, colon)};
  const auto digits = text.substr(colon + (bracketed ? 2 : 1));
  if (bracketed && !is_v6(host)) return fault("has no IPv6 address in its brackets");
  if (!bracketed && digits.find(':') != std::string_view::npos) {
    const bool v6 = is_v6(text) || is_v6(text.substr(0, text.rfind(':')));
    return fault(v6 ? "must have an IPv6 address in brackets, as in [::1]:8080" : "is more than one host:port");
  }
  if (!bracketed) {
    if (const auto wrong = fault_of_name(host)) return fault(*wrong);
  }
  const auto port = parse_port(digits);
  if (!port) return fault("must end with a port, 0 to 65535");
  return HostPort{host, *port};
}

}  // namespace danwa::net
