#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "infra/client/http_wire.hpp"
#include "infra/client/socket.hpp"

namespace danwa::infra {

/// One node, one keep-alive connection, one request at a time. Not thread safe.
class HttpClient {
 public:
  explicit HttpClient(Endpoint node, std::chrono::milliseconds timeout = std::chrono::seconds{10})
      : node_{std::move(node)}, timeout_{timeout} {}

  struct Reply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;
    std::string header(std::string_view lower_name) const;  ///< empty when absent
  };

  /// Throws NetworkError. A request whose connection turns out closed before any answer byte is sent
  /// once more on a new one only when it is a GET.
  Reply send(const HttpRequest& request);

  const Endpoint& node() const { return node_; }

 private:
  Reply exchange(const std::string& bytes);

  Endpoint node_;
  std::chrono::milliseconds timeout_;
  Socket socket_;
};

}  // namespace danwa::infra
