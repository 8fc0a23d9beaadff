#include "infra/grpc/chat_codec.hpp"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <utility>

#include "adapters/grpc/chat.pb.h"
#include "adapters/grpc/status_details.pb.h"

namespace danwa::grpc {

// Translation between chat.proto and the plain structs of adapters/grpc. Two paths matter. A live update goes to every
// stream of a conversation, so its bytes are made once and shared: `encode` finds them by the identity of the frame and
// the epoch, among the latest 64. All other messages belong to one stream and are made when needed.

namespace {

namespace rpc = adapters::rpc;
namespace proto = ::chat::v1;
using ::grpc::ByteBuffer;

template <class Message>
ByteBuffer to_bytes(const Message& message) {
  ::grpc::Slice slice{message.ByteSizeLong()};
  message.SerializeWithCachedSizesToArray(const_cast<std::uint8_t*>(slice.begin()));
  return ByteBuffer{&slice, 1};
}

template <class Message>
std::optional<Message> parse(const ByteBuffer& bytes) {
  ByteBuffer source{bytes};  // a copy: deserialising consumes the buffer
  Message message;
  if (!::grpc::SerializationTraits<Message>::Deserialize(&source, &message).ok()) return std::nullopt;
  return message;
}

proto::ChatResponse to_message(rpc::ChatEvent event) {
  proto::ChatResponse out;
  out.set_message(std::move(event.message));
  out.set_kind(std::move(event.kind));
  out.set_conversation_key(std::move(event.conversation_key));
  out.set_author(std::move(event.author));
  out.set_seq(event.seq);
  out.set_epoch(std::move(event.epoch));
  out.set_sent_at(std::move(event.sent_at));
  out.set_cursor(std::move(event.cursor));
  out.set_comment_id(std::move(event.comment_id));
  out.set_client_ref(std::move(event.client_ref));
  out.set_redacted(event.redacted);
  out.set_user(std::move(event.user));
  out.set_title(std::move(event.title));
  out.set_visibility(std::move(event.visibility));
  out.set_from_seq(event.from_seq);
  for (auto& user : event.users) out.add_users(std::move(user));
  out.set_user_count(event.user_count);
  out.set_node(std::move(event.node));
  out.set_by(std::move(event.by));
  out.set_redacts(event.redacts);
  return out;
}

WireMessagePtr share(const proto::ChatResponse& message, bool spoken) {
  return std::make_shared<const WireMessage>(WireMessage{to_bytes(message), spoken});
}

}  // namespace

WireMessagePtr ChatCodec::encode(const delivery::FramePtr& frame, domain::Cursor& position) {
  const bool shared = frame->kind() == delivery::FrameKind::update && position.epoch;
  if (shared) {
    if (auto known = find(frame, *position.epoch)) {
      position.seq = frame->seq();
      return known;
    }
  }
  auto event = rpc::to_event(frame->content(), position);
  const bool spoken = event.is_spoken();
  auto message = share(to_message(std::move(event)), spoken);
  if (shared) keep({frame, *position.epoch, message});
  return message;
}

WireMessagePtr ChatCodec::find(const delivery::FramePtr& frame, const domain::Epoch& epoch) const {
  const std::lock_guard lock{mutex_};
  for (const auto& entry : entries_) {
    if (entry.frame == frame && entry.epoch == epoch) return entry.message;
  }
  return nullptr;
}

void ChatCodec::keep(Entry entry) {
  const std::lock_guard lock{mutex_};
  std::swap(entries_[next_], entry);
  next_ = (next_ + 1) % kEntries;
}

WireMessagePtr ChatCodec::encode_refusal(const domain::Errors& errors, const std::string& client_ref) {
  proto::ChatResponse out;
  out.set_kind("error");
  out.set_client_ref(client_ref);
  for (const auto& error : errors.all()) {
    auto& told = *out.add_errors();
    told.set_code(error.code);
    told.set_resource(error.resource);
    told.set_message(error.message);
  }
  return share(out, true);
}

WireMessagePtr ChatCodec::encode_heartbeat() {
  proto::ChatResponse out;
  out.set_kind("heartbeat");
  return share(out, false);
}

WireMessagePtr ChatCodec::encode_expiry(domain::Timestamp when) {
  proto::ChatResponse out;
  out.set_kind("token-expiring");
  out.set_sent_at(domain::to_rfc3339(when));
  return share(out, false);
}

std::optional<rpc::ChatRequest> decode_chat(const ByteBuffer& bytes) {
  const auto in = parse<proto::ChatRequest>(bytes);
  if (!in) return std::nullopt;
  return rpc::ChatRequest{in->message(), in->conversation_key(), in->after(), in->client_ref(), in->idempotency_key()};
}

std::optional<rpc::WatchRequest> decode_watch(const ByteBuffer& bytes) {
  const auto in = parse<proto::WatchUpdatesRequest>(bytes);
  if (!in) return std::nullopt;
  const auto beat = in->heartbeat_seconds();
  return rpc::WatchRequest{in->conversation_key(), in->after(), in->delivery(), beat == 0 ? "" : std::to_string(beat)};
}

std::optional<rpc::CommentRequest> decode_comment(const ByteBuffer& bytes) {
  const auto in = parse<proto::SendCommentRequest>(bytes);
  if (!in) return std::nullopt;
  return rpc::CommentRequest{in->message(), in->conversation_key(), in->client_ref(), in->idempotency_key()};
}

std::optional<rpc::PageRequest> decode_page(const ByteBuffer& bytes) {
  const auto in = parse<proto::ReadUpdatesRequest>(bytes);
  if (!in) return std::nullopt;
  return rpc::PageRequest{in->conversation_key(), in->after(), in->limit()};
}

ByteBuffer encode_sent(const usecase::SendComment::Output& sent) {
  const auto& comment = sent.comment;
  proto::SendCommentResponse out;
  out.set_comment_id(comment.id.to_string());
  out.set_conversation_key(comment.conversation.value());
  out.set_author(comment.author.value());
  out.set_message(comment.content.value());
  out.set_seq(comment.seq);
  out.set_version(comment.version);
  out.set_created_at(domain::to_rfc3339(comment.created_at));
  out.set_updated_at(domain::to_rfc3339(comment.updated_at));
  out.set_client_ref(comment.client_ref.value_or(""));
  out.set_replayed(sent.replayed);
  return to_bytes(out);
}

ByteBuffer encode_page(const rpc::ChatEndpoint::PageRead& read) {
  const auto& page = read.output.page;
  domain::Cursor position{page.epoch, read.output.reset ? page.head : read.after};
  proto::ReadUpdatesResponse out;
  for (const auto& update : page.updates) {
    *out.add_updates() = to_message(rpc::to_event(update, position));
  }
  out.set_head_seq(page.head);
  out.set_epoch(page.epoch);
  out.set_next(position.to_string());
  out.set_reset(read.output.reset);
  return to_bytes(out);
}

std::string encode_details(const rpc::CallCloseReason& end) {
  danwa::details::BadRequest violations;
  for (const auto& error : end.errors.all()) {
    auto& violation = *violations.add_field_violations();
    violation.set_field(error.resource);
    violation.set_description(error.message);
    violation.set_reason(error.code);
  }
  danwa::details::Status status;
  status.set_code(static_cast<int>(end.status));
  status.set_message(end.message());
  auto& detail = *status.add_details();
  detail.set_type_url("type.googleapis.com/google.rpc.BadRequest");
  detail.set_value(violations.SerializeAsString());
  return status.SerializeAsString();
}

}  // namespace danwa::grpc
