#include "adapters/grpc/call_metadata.hpp"

#include <algorithm>

#include "adapters/http/bearer.hpp"

namespace danwa::adapters::rpc {

/// The value of `name`, of several the first; empty when there is none.
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

WatchWish CallMetadata::complete(WatchWish wish) const {
  if (wish.conversation_key.empty()) wish.conversation_key = conversation();
  fill(wish.after, "after");
  fill(wish.delivery, "delivery");
  fill(wish.heartbeat, "danwa-heartbeat");
  return wish;
}

CommentWish CallMetadata::complete(CommentWish wish) const {
  if (wish.conversation_key.empty()) wish.conversation_key = conversation();
  fill(wish.idempotency_key, "idempotency-key");
  return wish;
}

PageWish CallMetadata::complete(PageWish wish) const {
  if (wish.conversation_key.empty()) wish.conversation_key = conversation();
  fill(wish.after, "after");
  return wish;
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

CallEnd to_end(delivery::WatchEnd reason) {
  switch (reason) {
    case delivery::WatchEnd::forbidden:
      return end_of(StatusCode::permission_denied, "not-a-member", "The right to watch this conversation has ended.");
    case delivery::WatchEnd::unavailable:
      return to_end(domain::unavailable("log-unavailable", "The log cannot be read now."));
    case delivery::WatchEnd::going_away:
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
