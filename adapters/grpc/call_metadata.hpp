#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/core/result.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"

namespace danwa::adapters::rpc {

// The requests of chat.proto as a client sends them. An empty field counts as absent.

/// One message of a Chat stream.
struct ChatRequest {
  std::string message;
  std::string conversation_key;
  std::string after;
  std::string client_ref;
  std::string idempotency_key;
};

/// The start of a stream.
struct WatchRequest {
  std::string conversation_key;
  std::string after;
  std::string delivery;
  std::string heartbeat{};  ///< seconds, as text
};

/// A comment to be saved.
struct CommentRequest {
  std::string message;
  std::string conversation_key;
  std::string client_ref;
  std::string idempotency_key;
};

/// A page of a log.
struct PageRequest {
  std::string conversation_key;
  std::string after;
  std::uint32_t limit = 0;
};

/// The conversation of a call that names none.
inline constexpr std::string_view kDefaultConversation = "lobby";

/// The metadata that a client sent with its call: names in lower case, values of `-bin` names decoded. It completes a
/// request with the fields that are empty there.
class CallMetadata {
 public:
  explicit CallMetadata(std::vector<std::pair<std::string, std::string>> entries) : entries_{std::move(entries)} {}

  /// The token of `authorization: Bearer`, by the same rules as for HTTP. Errors: `token-invalid`.
  domain::Result<std::optional<std::string>> bearer_token() const;

  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

  WatchRequest complete(WatchRequest wanted) const;      ///< conversation, `after`, `delivery`, `danwa-heartbeat`
  CommentRequest complete(CommentRequest wanted) const;  ///< conversation, `idempotency-key`
  PageRequest complete(PageRequest wanted) const;        ///< conversation, `after`

 private:
  std::string find(std::string_view name) const;
  std::string conversation() const;
  void fill(std::string& field, std::string_view name) const {
    if (field.empty()) field = find(name);
  }

  std::vector<std::pair<std::string, std::string>> entries_;
};

/// The status codes of gRPC that danwa ends calls with; the numbers are those on the wire.
enum class StatusCode {
  cancelled = 1,
  invalid_argument = 3,
  not_found = 5,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  unauthenticated = 16,
};

/// The time after which a client may try again.
inline constexpr std::chrono::milliseconds kRetryLater{1'000};

/// The end of a call that fails.
struct CallCloseReason {
  StatusCode status;
  domain::Errors errors;                                 ///< all of them go to the client
  std::optional<std::chrono::milliseconds> retry_after;  ///< set if another attempt may succeed

  /// `<code>: <sentence>` of every error, joined by "; ".
  std::string message() const;
};

/// The end for these errors. The kind of the first one decides: malformed and validation INVALID_ARGUMENT,
/// unauthenticated UNAUTHENTICATED, forbidden PERMISSION_DENIED, not_found NOT_FOUND, conflict and
/// precondition_failed FAILED_PRECONDITION, too_many RESOURCE_EXHAUSTED, unavailable UNAVAILABLE, internal INTERNAL.
CallCloseReason to_end(domain::Errors errors);

/// The end of a stream whose watch has ended.
CallCloseReason to_end(delivery::WatchCloseReason reason);

/// An end for a reason of the transport itself.
CallCloseReason end_of(StatusCode status, std::string_view code, std::string_view sentence);

CallCloseReason draining();                     ///< the node goes away: UNAVAILABLE
CallCloseReason to_end(usecase::LeaseEnd why);  ///< UNAUTHENTICATED
CallCloseReason too_many_streams();             ///< RESOURCE_EXHAUSTED
CallCloseReason unknown_method();               ///< UNIMPLEMENTED
CallCloseReason defect();                       ///< INTERNAL; the log has the reason
CallCloseReason gone();                         ///< CANCELLED: the client has left

/// The error for bytes that are not a message of the protocol.
domain::Errors request_unreadable();

}  // namespace danwa::adapters::rpc
