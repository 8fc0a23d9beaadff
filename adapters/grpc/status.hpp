#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/delivery/update_feed.hpp"
#include "domain/core/error.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::adapters::rpc {

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

/// What clients are told to wait before they come again.
inline constexpr std::chrono::milliseconds kRetryLater{1'000};

/// How a call ends that does not succeed.
struct CallEnd {
  StatusCode status;
  domain::Errors errors;                                 ///< all of them go to the client
  std::optional<std::chrono::milliseconds> retry_after;  ///< set where to come again may help

  /// `<code>: <sentence>` of every failure, joined by "; ".
  std::string message() const;
};

/// The end for these errors, decided by the first one's kind: malformed and validation INVALID_ARGUMENT,
/// unauthenticated UNAUTHENTICATED, forbidden PERMISSION_DENIED, not_found NOT_FOUND, conflict and
/// precondition_failed FAILED_PRECONDITION, too_many RESOURCE_EXHAUSTED, unavailable UNAVAILABLE, internal INTERNAL.
CallEnd to_end(domain::Errors errors);

/// The end of a stream whose watch has ended.
CallEnd to_end(WatchEnd reason);

/// An end that says one thing about the door itself.
CallEnd end_of(StatusCode status, std::string_view code, std::string_view sentence);

CallEnd draining();                     ///< the node goes away: UNAVAILABLE
CallEnd to_end(usecase::LeaseEnd why);  ///< UNAUTHENTICATED
CallEnd too_many_streams();             ///< RESOURCE_EXHAUSTED
CallEnd unknown_method();               ///< UNIMPLEMENTED
CallEnd defect();                       ///< INTERNAL; the log knows why
CallEnd gone();                         ///< CANCELLED: for a client that has left

/// What a request is told whose bytes are no message of the protocol.
domain::Errors request_unreadable();

}  // namespace danwa::adapters::rpc
