#include "infra/net/addresses.hpp"

#include <netdb.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "adapters/protocol/http/authority.hpp"
#include "domain/core/text.hpp"

// Addresses as people write them, and as the kernel wants them. `parse_host_port` is strict and says what is wrong,
// because its texts come from settings and command lines. A text that looks like an address and is none (`10.0.0.256`,
// `127.1`) is refused: a resolver would take it for a name, or read it in an unexpected way. `resolve` keeps all
// addresses of a name, since a name may belong to several nodes or to both versions of IP.

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
  const auto port = domain::parse_number<std::uint16_t>(digits);
  if (!port) return fault("must end with a port, 0 to 65535");
  return HostPort{host, *port};
}

namespace {

const in6_addr& v6_of(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
}

/// In the host's byte order.
std::uint32_t v4_of(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) return ntohl(reinterpret_cast<const sockaddr_in&>(storage).sin_addr.s_addr);
  std::uint32_t mapped = 0;
  std::memcpy(&mapped, v6_of(storage).s6_addr + 12, sizeof mapped);
  return ntohl(mapped);
}

bool is_v4(const sockaddr_storage& storage) {
  return storage.ss_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&v6_of(storage));
}

bool same(const SocketAddress& a, const SocketAddress& b) {
  return a.size == b.size && std::memcmp(&a.storage, &b.storage, a.size) == 0;
}

}  // namespace

std::uint16_t SocketAddress::port() const {
  return ntohs(family() == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(storage).sin6_port
                                    : reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

void SocketAddress::set_port(std::uint16_t port) {
  if (family() == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(storage).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(port);
  }
}

bool SocketAddress::is_loopback() const {
  return is_v4(storage) ? v4_of(storage) >> 24 == 127 : IN6_IS_ADDR_LOOPBACK(&v6_of(storage)) != 0;
}

bool SocketAddress::is_unspecified() const {
  return is_v4(storage) ? v4_of(storage) == 0 : IN6_IS_ADDR_UNSPECIFIED(&v6_of(storage)) != 0;
}

std::string SocketAddress::text() const {
  std::array<char, NI_MAXHOST> host{};
  if (::getnameinfo(raw(), size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  return HostPort{host.data(), port()}.text();
}

tl::expected<std::vector<SocketAddress>, std::string> resolve(const HostPort& place, Purpose purpose) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (purpose == Purpose::listen ? AI_PASSIVE : 0);
  if (place.is_numeric()) hints.ai_flags |= AI_NUMERICHOST;
  addrinfo* found = nullptr;
  const char* host = place.host.empty() ? nullptr : place.host.c_str();
  if (const int error = ::getaddrinfo(host, std::to_string(place.port).c_str(), &hints, &found); error != 0) {
    return tl::unexpected{"\"" + place.text() + "\" cannot be resolved: " + ::gai_strerror(error)};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  std::vector<SocketAddress> addresses;
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    SocketAddress address;
    address.size = entry->ai_addrlen;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    const auto is_same = [&](const SocketAddress& other) { return same(address, other); };
    // If /etc/hosts names localhost twice, getaddrinfo returns 127.0.0.1 twice.
    if (std::none_of(addresses.begin(), addresses.end(), is_same)) addresses.push_back(address);
  }
  if (addresses.empty()) return tl::unexpected{"\"" + place.text() + "\" has no IPv4 or IPv6 address"};
  return addresses;
}

tl::expected<bool, std::string> is_all_loopback(std::string_view text) {
  const auto place = parse_host_port(text);
  if (!place) return tl::unexpected{place.error()};
  const auto addresses = resolve(*place, Purpose::listen);
  if (!addresses) return tl::unexpected{addresses.error()};
  return std::all_of(addresses->begin(), addresses->end(), [](const auto& address) { return address.is_loopback(); });
}

}  // namespace danwa::net
