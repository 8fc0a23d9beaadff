#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "infra/net/host_port.hpp"

namespace danwa::net {

/// One IPv4 or IPv6 address with a TCP port, as the kernel takes it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  bool is_loopback() const;     ///< 127.0.0.0/8, ::1, and the former inside IPv6 (RFC 4291 section 2.5.5.2)
  bool is_unspecified() const;  ///< 0.0.0.0, ::
  std::string text() const;     ///< `127.0.0.1:8080`, `[::1]:8080`
};

enum class Purpose {
  listen,   ///< an empty host is every address of this host
  connect,  ///< an empty host is loopback
};

/// All addresses of the host, without repetitions, in the order in which they are to be tried (RFC 6724: what
/// getaddrinfo(3) gives); never an empty list. Blocks as long as the system's resolver does; a numeric host never does.
/// The error is one sentence that begins with the quoted place.
tl::expected<std::vector<SocketAddress>, std::string> resolve(const HostPort& place, Purpose purpose);

/// Whether every address of `host:port` is on loopback. The error: it is no such text, or the name is not known.
tl::expected<bool, std::string> is_all_loopback(std::string_view text);

}  // namespace danwa::net
