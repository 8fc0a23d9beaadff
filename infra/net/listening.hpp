#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/net/descriptor.hpp"
#include "infra/net/socket_address.hpp"

namespace danwa::net {

/// A bound TCP socket: nonblocking, closed in children, SO_REUSEADDR.
struct BoundSocket {
  Descriptor socket;
  SocketAddress address;  ///< with the real port
};

/// The sockets of one place. A name has one for each of its addresses that this host has.
struct BoundPlace {
  HostPort place;                    ///< as it was written, with the real port
  std::vector<BoundSocket> sockets;  ///< at least one, all of one port
  std::vector<std::string> skipped;  ///< addresses that are not of this host: "[2001:db8::1]:80: Cannot assign ..."

  /// What others are told: the address itself when there is one, else the place.
  std::string text() const { return sockets.size() == 1 ? sockets.front().address.text() : place.text(); }
};

/// Where and how a listener listens.
struct ListenPlace {
  std::string_view setting;    ///< for errors and the log: `http.listen`
  std::string address;         ///< host:port
  bool loopback_only = false;  ///< refuse a name with an address off loopback
  int backlog = 4096;          ///< connections that wait to be accepted, per address
};

/// Binds every address of `place`; for port 0 one port that is free on all of them. An address that is not of this
/// host is skipped. The error is one sentence: an address is in use or not allowed, or none is of this host.
/// Nothing listens yet.
tl::expected<BoundPlace, std::string> bind_all(const HostPort& place, bool loopback_only = false);

/// Binds as `bind_all` does, and listens on every socket. Logs what is skipped. Throws std::runtime_error with one line
/// that begins with the setting.
BoundPlace listen_on(const ListenPlace& wanted, adapters::Logger& log);

}  // namespace danwa::net
