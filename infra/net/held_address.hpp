#pragma once

#include <string>

#include "infra/net/listening.hpp"

namespace danwa::net {

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
