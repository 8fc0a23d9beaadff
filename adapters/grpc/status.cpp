#include "adapters/grpc/status.hpp"

#include <utility>

namespace danwa::adapters::rpc {
namespace {

using domain::DomainError;
using domain::ErrorKind;

StatusCode to_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed:
    case ErrorKind::validation:
      return StatusCode::invalid_argument;
    case ErrorKind::unauthenticated:
      return StatusCode::unauthenticated;
    case ErrorKind::forbidden:
      return StatusCode::permission_denied;
    case ErrorKind::not_found:
      return StatusCode::not_found;
    case ErrorKind::conflict:
    case ErrorKind::precondition_failed:
      return StatusCode::failed_precondition;
    case ErrorKind::too_many:
      return StatusCode::resource_exhausted;
    case ErrorKind::unavailable:
      return StatusCode::unavailable;
    case ErrorKind::internal:
      return StatusCode::internal;
  }
  return StatusCode::internal;
}

}  // namespace

std::string CallEnd::message() const {
  std::string out;
  for (const auto& error : errors.all()) {
    if (!out.empty()) out += "; ";
    out += error.code + ": " + error.message;
  }
  return out;
}

CallEnd to_end(domain::Errors errors) {
  const auto kind = errors.first().kind;
  CallEnd end{to_status(kind), std::move(errors), std::nullopt};
  if (kind == ErrorKind::unavailable || kind == ErrorKind::too_many) end.retry_after = kRetryLater;
  return end;
}

CallEnd to_end(WatchEnd reason) {
  switch (reason) {
    case WatchEnd::forbidden:
      return end_of(StatusCode::permission_denied, "not-a-member", "The right to watch this conversation has ended.");
    case WatchEnd::unavailable:
      return to_end(domain::unavailable("log-unavailable", "The log cannot be read now."));
    case WatchEnd::going_away:
      break;
  }
  return draining();
}

CallEnd end_of(StatusCode status, std::string_view code, std::string_view sentence) {
  return {status, DomainError{ErrorKind::internal, std::string{code}, "", std::string{sentence}}, std::nullopt};
}

CallEnd draining() {
  return to_end(domain::unavailable("draining", "This node is going away; go on with the last cursor on another."));
}

CallEnd to_end(usecase::LeaseEnd why) { return to_end(usecase::credential_ended(why)); }

CallEnd too_many_streams() {
  return end_of(StatusCode::resource_exhausted, "too-many-streams", "This node has too many streams.");
}

CallEnd unknown_method() { return end_of(StatusCode::unimplemented, "unknown-method", "There is no such method."); }

CallEnd defect() { return end_of(StatusCode::internal, "internal", "The call failed; the node's log knows why."); }

CallEnd gone() { return end_of(StatusCode::cancelled, "cancelled", "The client has left."); }

domain::Errors request_unreadable() {
  return DomainError{ErrorKind::malformed, "request-unreadable", "",
                     "The request is no message of chat.proto, or its text is not UTF-8."};
}

}  // namespace danwa::adapters::rpc
