#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "infra/net/socket_address.hpp"

namespace danwa::infra {

/// The node cannot be reached, or the connection broke; the text says which node and why.
class NetworkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a node serves HTTP: `host:port`, `http://host:port`, `[::1]:port`. Resolved once.
struct Endpoint {
  std::string name;                           ///< `host:port` as it goes into the Host header
  std::vector<net::SocketAddress> addresses;  ///< all of the host, in the order in which they are tried; never empty

  /// Throws NetworkError for a text that is no such address or a host that is not known.
  static Endpoint parse(std::string_view text);
};

}  // namespace danwa::infra
