#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/http/message_peer.hpp"
#include "usecase/ports/credential_lease.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::adapters::http {

/// A whole answer. `Content-Length`, `Date`, `Connection` and `Server` are the session's business.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names as they should appear
  std::string content_type{};                                  ///< empty: no body
  std::string body{};
  bool close = false;    ///< the connection ends after this answer
  bool endless = false;  ///< of a HEAD: the body of the GET is a stream, which has no length

  const std::string* header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& h) { return h.first == name; });
    return found == headers.end() ? nullptr : &found->second;
  }
  /// Adds it, unless there is one of that name already (spelt alike).
  void add_if_absent(std::string_view name, std::string_view value) {
    if (header(name) == nullptr) headers.emplace_back(name, value);
  }
};

enum class StreamKind { websocket, sse };

/// The request is allowed to become a live stream: the session upgrades the connection.
struct OpenStream {
  StreamKind kind;
  usecase::Watch watch;
  std::optional<std::string> subprotocol;  ///< WebSocket: the one to answer with
  usecase::LeasePtr lease;                 ///< close 4401 when it ends; null: never
};

/// The request is allowed to become a WebSocket on which `peer` speaks.
struct OpenMessages {
  std::shared_ptr<MessagePeer> peer;
  std::optional<std::string> subprotocol;  ///< the one to answer with
};

using Reply = std::variant<Response, OpenStream, OpenMessages>;

}  // namespace danwa::adapters::http
