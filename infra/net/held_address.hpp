#pragma once

#include <string>

#include "infra/net/listening.hpp"

namespace danwa::net {

/// A place to listen at, with its real port, known and kept from others before the listener is there: a socket is
/// bound to each of its addresses with SO_REUSEADDR and never listens. Linux lets another such socket bind the same
/// port and listen, and gives the port neither to a bind to port 0 nor to a connection that goes out.
/// Immutable; any thread.
class HeldAddress {
 public:
  /// `listen` is "host:port"; for port 0 one is chosen that is free on all addresses. A place that cannot be bound is
  /// left as it is and not held: the listener says why.
  explicit HeldAddress(const std::string& listen);

  const std::string& text() const { return text_; }  ///< "host:port"

 private:
  std::string text_;
  std::vector<BoundSocket> sockets_;
};

}  // namespace danwa::net
