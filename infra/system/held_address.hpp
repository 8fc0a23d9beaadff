#pragma once

#include <string>

namespace danwa::infra {

/// An address to listen on, with its real port, known and kept from others before the listener is there: a
/// socket is bound to it with SO_REUSEADDR and never listens. Linux lets another such socket bind the same
/// port and listen, and gives the port neither to a bind to port 0 nor to a connection that goes out.
/// Immutable; any thread.
class HeldAddress {
 public:
  /// `listen` is "host:port"; for port 0 a free one is chosen. What cannot be bound is left as it is and not
  /// held: whoever listens says why.
  explicit HeldAddress(const std::string& listen);
  ~HeldAddress();
  HeldAddress(const HeldAddress&) = delete;
  HeldAddress& operator=(const HeldAddress&) = delete;

  const std::string& text() const { return text_; }  ///< "host:port"

 private:
  std::string text_;
  int descriptor_ = -1;
};

}  // namespace danwa::infra
