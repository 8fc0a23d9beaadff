#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/net/addresses.hpp"
#include "infra/net/descriptors.hpp"

namespace danwa::net {

/// A bound TCP socket: nonblocking, close-on-exec, SO_REUSEADDR.
struct BoundSocket {
  Descriptor socket;
  SocketAddress address;  ///< with the real port
};

/// The sockets of one listen place: one for each of its addresses that belongs to this host.
struct BoundPlace {
  HostPort place;                    ///< the setting's host with the real port
  std::vector<BoundSocket> sockets;  ///< at least one, all with one port
  std::vector<std::string> skipped;  ///< addresses of other hosts: "[2001:db8::1]:80: Cannot assign ..."

  /// The text to show and to advertise: the address if there is only one, else the place.
  std::string text() const { return sockets.size() == 1 ? sockets.front().address.text() : place.text(); }
};

/// The settings of a listener.
struct ListenPlace {
  std::string_view setting;    ///< for errors and the log: `http.listen`
  std::string address;         ///< host:port
  bool loopback_only = false;  ///< refuse a name that has an address outside loopback
  int backlog = 4096;          ///< connections that wait to be accepted, per address
};

/// Binds every address of `place`; port 0 becomes one port that is free on all of them. An address that does not belong
/// to this host is skipped. The sockets do not listen yet. The error is one sentence: an address is in use or not
/// allowed, or none belongs to this host.
tl::expected<BoundPlace, std::string> bind_all(const HostPort& place, bool loopback_only = false);

/// Binds as `bind_all` does, and listens on every socket. Logs skipped addresses. Throws std::runtime_error with one
/// line that begins with the setting.
BoundPlace listen_on(const ListenPlace& wanted, adapters::Logger& log);

/// Reserves a listen address and determines its real port before the listener exists. It binds a socket with
/// SO_REUSEADDR to each of its addresses and never listens. Linux lets another such socket bind the same port and
/// listen. It gives the port neither to a bind to port 0 nor to an outgoing connection. Immutable; any thread.
class HeldAddress {
 public:
  /// `listen` is "host:port"; port 0 becomes a port that is free on all addresses. An address that cannot be bound is
  /// not held and its text stays as it is: the listener will report the error.
  explicit HeldAddress(const std::string& listen);

  const std::string& text() const { return text_; }  ///< "host:port"

 private:
  std::string text_;
  std::vector<BoundSocket> sockets_;
};

}  // namespace danwa::net
