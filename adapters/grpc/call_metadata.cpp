#include "adapters/grpc/call_metadata.hpp"

#include <algorithm>

#include "adapters/http/bearer.hpp"

namespace danwa::adapters::rpc {

// The beginning and the end of a call. Fields of a request may come from the message or from the metadata of the call;
// the message wins. The end maps the errors of the domain to gRPC's status codes. Several errors share a status code,
// so the message names danwa's own code of each error, which a program can read.

/// The first value of `name`; empty: none.
std::string CallMetadata::find(std::string_view name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [name](const auto& entry) { return entry.first == name; });
  return found == entries_.end() ? std::string{} : found->second;
}

std::string CallMetadata::conversation() const {
  auto key = find("conversation-key-bin");
  if (key.empty()) key = find("conversation-key");
  return key.empty() ? std::string{kDefaultConversation} : key;
}

domain::Result<std::optional<std::string>> CallMetadata::bearer_token() const {
  http::Request request;
  for (const auto& [name, value] : entries_) {
    if (name == "authorization") request.headers.emplace_back(name, value);
  }
  return http::bearer_token(request);
}

WatchRequest CallMetadata::complete(WatchRequest wanted) const {
  if (wanted.conversation_key.empty()) wanted.conversation_key = conversation();
  fill(wanted.after, "after");
  fill(wanted.delivery, "delivery");
  fill(wanted.heartbeat, "danwa-heartbeat");
  return wanted;
}

CommentRequest CallMetadata::complete(CommentRequest wanted) const {
  if (wanted.conversation_key.empty()) wanted.conversation_key = conversation();
  fill(wanted.idempotency_key, "idempotency-key");
  return wanted;
}

PageRequest CallMetadata::complete(PageRequest wanted) const {
  if (wanted.conversation_key.empty()) wanted.conversation_key = conversation();
  fill(wanted.after, "after");
  return wanted;
}

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

std::string CallCloseReason::message() const {
  std::string out;
  for (const auto& error : errors.all()) {
    if (!out.empty()) out += "; ";
    out += error.code + ": " + error.message;
  }
  return out;
}

CallCloseReason to_end(domain::Errors errors) {
  const auto kind = errors.first().kind;
  CallCloseReason end{to_status(kind), std::move(errors), std::nullopt};
  if (kind == ErrorKind::unavailable || kind == ErrorKind::too_many) end.retry_after = kRetryLater;
  return end;
}

CallCloseReason to_end(delivery::WatchCloseReason reason) {
  switch (reason) {
    case delivery::WatchCloseReason::forbidden:
      return end_of(StatusCode::permission_denied, "not-a-member", "The right to watch this conversation has ended.");
    case delivery::WatchCloseReason::unavailable:
      return to_end(domain::unavailable("log-unavailable", "The log cannot be read now."));
    case delivery::WatchCloseReason::going_away:
      break;
  }
  return draining();
}

CallCloseReason end_of(StatusCode status, std::string_view code, std::string_view sentence) {
  return {status, DomainError{ErrorKind::internal, std::string{code}, "", std::string{sentence}}, std::nullopt};
}

CallCloseReason draining() {
  return to_end(domain::unavailable("draining", "This node is going away; go on with the last cursor on another."));
}

CallCloseReason to_end(usecase::LeaseEnd why) { return to_end(usecase::credential_ended(why)); }

CallCloseReason too_many_streams() {
  return end_of(StatusCode::resource_exhausted, "too-many-streams", "This node has too many streams.");
}

CallCloseReason unknown_method() {
  return end_of(StatusCode::unimplemented, "unknown-method", "There is no such method.");
}

CallCloseReason defect() {
  return end_of(StatusCode::internal, "internal", "The call failed; the node's log knows why.");
}

CallCloseReason gone() { return end_of(StatusCode::cancelled, "cancelled", "The client has left."); }

domain::Errors request_unreadable() {
  return DomainError{ErrorKind::malformed, "request-unreadable", "",
                     "The request is no message of chat.proto, or its text is not UTF-8."};
}

}  // namespace danwa::adapters::rpc
