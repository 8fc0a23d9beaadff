#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace danwa::net {

/// A host and a TCP port as people write them: `chat.example.net:8080`, `127.0.0.1:8080`, `[::1]:8080`, and `:8080` for
/// every address of this host. Names are not resolved here.
struct HostPort {
  std::string host;        ///< IPv6 without brackets, a zone is allowed (`fe80::1%eth0`); empty: every address
  std::uint16_t port = 0;  ///< 0 for a listener: any free port

  std::string text() const;  ///< `host:port`, an IPv6 host in brackets
  bool is_numeric() const;   ///< an IPv4 or IPv6 address, which needs no name lookup
};

/// Reads `host:port`. The error is one sentence: the quoted text, then its fault.
tl::expected<HostPort, std::string> parse_host_port(std::string_view text);

/// One IPv4 or IPv6 address with a TCP port, in the kernel's form.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  bool is_loopback() const;     ///< 127.0.0.0/8, ::1, and IPv4-mapped 127.0.0.0/8 (RFC 4291 section 2.5.5.2)
  bool is_unspecified() const;  ///< 0.0.0.0, ::
  std::string text() const;     ///< `127.0.0.1:8080`, `[::1]:8080`
};

enum class Purpose {
  listen,   ///< an empty host is every address of this host
  connect,  ///< an empty host is loopback
};

/// All addresses of the host, without repetitions, in the order of getaddrinfo(3) (RFC 6724). Never an empty list.
/// Blocks as long as the system's resolver does; a numeric host never blocks. The error is one sentence that begins
/// with the quoted place.
tl::expected<std::vector<SocketAddress>, std::string> resolve(const HostPort& place, Purpose purpose);

/// Whether every address of `host:port` is on loopback. The error: the text is malformed, or the name is unknown.
tl::expected<bool, std::string> is_all_loopback(std::string_view text);

}  // namespace danwa::net
