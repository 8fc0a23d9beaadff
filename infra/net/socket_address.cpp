#include "infra/net/socket_address.hpp"

#include <netdb.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace danwa::net {
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
