#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace danwa::infra {

/// The node cannot be reached, or the connection broke; the text says which node and why.
class NetworkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a node's HTTP door is: `host:port`, `http://host:port`, `[::1]:port`. Resolved once.
struct Endpoint {
  std::string name;  ///< `host:port` as it goes into the Host header
  sockaddr_storage address{};
  socklen_t size = 0;
  int family = AF_INET;

  /// Throws NetworkError for a text that is no such address or a host that is not known.
  static Endpoint parse(std::string_view text);
};

}  // namespace danwa::infra
