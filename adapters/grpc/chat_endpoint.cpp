#include "adapters/grpc/chat_endpoint.hpp"

#include <utility>
#include <variant>

#include "adapters/http/origin_check.hpp"
#include "adapters/protocol/http/fields.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters::rpc {

// The meaning of gRPC's calls, without gRPC: frames become plain events, plain requests become calls of use cases. The
// transport in infra copies them from and to protobuf, so this file needs neither the library nor a socket.
// An event carries its cursor. A frame has only a seq, so a stream keeps its position, and each frame moves it.

namespace {

template <class Text>
std::string text_or_empty(const std::optional<Text>& text) {
  return text ? text->value() : std::string{};
}

// The fields of each kind of update.

void tell(const domain::CommentAdded& added, ChatEvent& event) {
  event.kind = "comment-added";
  event.comment_id = added.comment.to_string();
  event.message = text_or_empty(added.content);
  event.redacted = !added.content;
  event.author = added.author.value();
  event.client_ref = added.client_ref.value_or("");
}

void tell(const domain::CommentUpdated& updated, ChatEvent& event) {
  event.kind = "comment-updated";
  event.comment_id = updated.comment.to_string();
  event.message = text_or_empty(updated.content);
  event.redacted = !updated.content;
  event.redacts = updated.redacts;
  event.author = updated.author.value();
}

void tell(const domain::CommentDeleted& deleted, ChatEvent& event) {
  event.kind = "comment-deleted";
  event.comment_id = deleted.comment.to_string();
  event.author = deleted.author.value();
  event.by = deleted.by.value();
}

void tell(const domain::MemberAdded& added, ChatEvent& event) {
  event.kind = "member-joined";
  event.user = added.user.value();
  event.author = event.by = added.by.value();
}

void tell(const domain::MemberRemoved& removed, ChatEvent& event) {
  event.kind = "member-left";
  event.user = removed.user.value();
  event.author = event.by = removed.by.value();
}

void tell(const domain::ConversationUpdated& updated, ChatEvent& event) {
  event.kind = "conversation-updated";
  event.title = text_or_empty(updated.title);
  event.visibility = to_string(updated.visibility);
  event.author = event.by = updated.by.value();
}

void tell(const domain::NotificationAdded&, ChatEvent& event) { event.kind = "notification"; }  // no stream watches one

void attach_position(const domain::Cursor& position, ChatEvent& event) {
  event.seq = position.seq;
  event.epoch = position.epoch.value_or("");
  event.cursor = position.to_string();
}

/// `watching` and `reset` contain the position of the stream.
void attach_position(const delivery::WatchPosition& told, domain::Cursor& position, ChatEvent& event) {
  if (const auto* const cursor = std::get_if<domain::Cursor>(&told)) position = *cursor;
  attach_position(position, event);
}

}  // namespace

ChatEvent to_event(const delivery::FrameContent& content, domain::Cursor& position) {
  ChatEvent event;
  const domain::Overloaded write{
      [&](const domain::Update& update) {
        std::visit([&event](const auto& body) { tell(body, event); }, update.body);
        event.sent_at = domain::to_rfc3339(update.occurred_at);
        position.seq = update.seq;
        attach_position(position, event);
      },
      [&](const delivery::Watching& watching) {
        event.kind = "watching";
        event.node = watching.node;
        attach_position(watching.position, position, event);
      },
      [&](const delivery::UpdatesMissed& missed) {
        event.kind = "updates-missed";
        event.from_seq = missed.from;
        position.seq = missed.to;
        attach_position(position, event);
      },
      [&](const delivery::Reset& reset) {
        event.kind = "reset";
        attach_position(reset.position, position, event);
      },
      [&](const delivery::PresenceChanged& present) {
        event.kind = "presence-changed";
        event.user_count = present.count;
        for (const auto& user : present.users) event.users.push_back(user.value());
      },
  };
  std::visit(write, content);
  event.conversation_key = std::visit([](const auto& what) { return what.channel.key; }, content);
  return event;
}

using domain::fail;
using domain::Result;
using usecase::Async;
using usecase::Delivery;

namespace {

constexpr std::size_t kDefaultLimit = 100;
constexpr std::uint64_t kLongestHeartbeat = 3'600;  // seconds

Result<std::optional<domain::Cursor>> read_after(const std::string& text) {
  if (text.empty()) return std::optional<domain::Cursor>{};
  auto cursor = domain::Cursor::parse(text);
  if (!cursor) return fail(std::move(cursor).error());
  return std::optional{std::move(*cursor)};
}

Result<Delivery> read_delivery(const std::string& text) {
  if (text.empty() || text == "complete") return Delivery::complete;
  if (text == "latest") return Delivery::latest;
  return fail(domain::DomainError{domain::ErrorKind::malformed, "delivery-invalid", "delivery",
                                  "delivery must be complete or latest."});
}

std::optional<std::string> given(std::string text) {
  return text.empty() ? std::nullopt : std::optional{std::move(text)};
}

}  // namespace

Result<usecase::LeasePtr> ChatEndpoint::lease(const CallMetadata& metadata) const {
  if (!needs_.tokens.proves() && http::is_forwarded_from_afar(metadata.entries())) {
    return fail(http::development_behind_proxy());
  }
  auto token = metadata.bearer_token();
  if (!token) return fail(std::move(token).error());
  if (*token) return needs_.tokens.lease(**token);
  return needs_.guest.empty() ? needs_.tokens.lease_absent() : needs_.tokens.lease(needs_.guest);
}

Result<ChatEndpoint::Heartbeat> ChatEndpoint::heartbeat(const WatchRequest& request) {
  if (request.heartbeat.empty()) return Heartbeat{};
  const auto seconds = domain::parse_number<std::uint64_t>(request.heartbeat);
  if (seconds && *seconds >= 1 && *seconds <= kLongestHeartbeat) return Heartbeat{std::chrono::seconds{*seconds}};
  return fail(domain::DomainError{domain::ErrorKind::malformed, "heartbeat-invalid", "danwa-heartbeat",
                                  "danwa-heartbeat must be 1 to 3600 seconds."});
}

Async<Result<usecase::Watch>> ChatEndpoint::watch(WatchRequest request, domain::Credential who) const {
  auto read = domain::combine(read_after(request.after), read_delivery(request.delivery), heartbeat(request));
  if (!read) co_return fail(std::move(read).error());
  auto& [after, delivery, beat] = *read;
  usecase::WatchConversation::Input input{std::move(request.conversation_key), std::move(after), delivery};
  co_return co_await needs_.use.watch_conversation.execute(std::move(input), std::move(who));
}

Async<Result<usecase::SendComment::Output>> ChatEndpoint::send(CommentRequest request, domain::Credential who) const {
  usecase::SendComment::Input input{
      {std::move(request.message), std::move(request.conversation_key), given(std::move(request.client_ref))},
      given(std::move(request.idempotency_key))};
  auto sent = co_await needs_.use.send_comment.execute(std::move(input), std::move(who));
  if (sent && !sent->replayed) needs_.metrics.comments_sent.add();
  co_return std::move(sent);
}

Async<Result<ChatEndpoint::PageRead>> ChatEndpoint::read(PageRequest request, domain::Credential who,
                                                         std::shared_ptr<usecase::Visit> visit) const {
  auto after = read_after(request.after);
  if (!after) co_return fail(std::move(after).error());
  auto from = std::move(*after).value_or(domain::Cursor{});
  const domain::Seq start = from.seq;
  usecase::ReadUpdates::Input input{std::move(request.conversation_key), std::move(from),
                                    request.limit == 0 ? kDefaultLimit : request.limit};
  auto reading = needs_.use.read_updates.execute(std::move(input), who);
  auto output = co_await needs_.use.turns.in_turn(who, std::move(visit), std::move(reading));
  if (!output) co_return fail(std::move(output).error());
  co_return PageRead{std::move(*output), start};
}

}  // namespace danwa::adapters::rpc
