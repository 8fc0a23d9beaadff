#include "adapters/delivery/frame.hpp"

#include "adapters/json/json_text.hpp"
#include "domain/core/overloaded.hpp"

namespace danwa::adapters {
namespace {

using domain::Overloaded;

/// Header of an unmasked, final text frame (RFC 6455 section 5.2).
std::string text_frame_header(std::size_t size) {
  std::string header(1, static_cast<char>(0x81));
  if (size < 126) {
    header.push_back(static_cast<char>(size));
    return header;
  }
  const int bytes = size <= 0xFFFF ? 2 : 8;
  header.push_back(static_cast<char>(bytes == 2 ? 126 : 127));
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) header.push_back(static_cast<char>((size >> shift) & 0xFF));
  return header;
}

void append_text_member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

void append_content(std::string& out, const std::optional<domain::CommentContent>& content) {
  if (content) {
    append_text_member(out, "commentContent", content->value());
  } else {
    out += R"(,"commentContent":null,"redacted":true)";
  }
}

/// The start of an update's JSON, up to its first member.
std::string open_update(std::string_view type, std::string_view name, std::string_view value) {
  std::string out = R"({"type":")";
  out += type;
  out += R"(","payload":{")";
  out += name;
  out += "\":";
  append_json_string(out, value);
  return out;
}

std::string open_body(const domain::CommentAdded& added) {
  std::string out = open_update("comment-added", "commentId", added.comment.to_string());
  append_content(out, added.content);
  append_text_member(out, "authorId", added.author.value());
  if (added.client_ref) append_text_member(out, "clientRef", *added.client_ref);
  return out;
}

std::string open_body(const domain::CommentUpdated& updated) {
  std::string out = open_update("comment-updated", "commentId", updated.comment.to_string());
  append_content(out, updated.content);
  if (updated.redacts) out += R"(,"redacts":true)";
  append_text_member(out, "authorId", updated.author.value());
  return out;
}

std::string open_body(const domain::CommentDeleted& deleted) {
  std::string out = open_update("comment-deleted", "commentId", deleted.comment.to_string());
  append_text_member(out, "authorId", deleted.author.value());
  append_text_member(out, "byUserId", deleted.by.value());
  return out;
}

std::string open_body(const domain::MemberAdded& added) {
  std::string out = open_update("member-joined", "userId", added.user.value());
  append_text_member(out, "byUserId", added.by.value());
  return out;
}

std::string open_body(const domain::MemberRemoved& removed) {
  std::string out = open_update("member-left", "userId", removed.user.value());
  append_text_member(out, "byUserId", removed.by.value());
  return out;
}

std::string open_body(const domain::ConversationUpdated& updated) {
  std::string out = open_update("conversation-updated", "visibility", to_string(updated.visibility));
  if (updated.title) {
    append_text_member(out, "title", updated.title->value());
  } else {
    out += R"(,"title":null)";
  }
  append_text_member(out, "byUserId", updated.by.value());
  return out;
}

std::string open_body(const domain::NotificationAdded& added) {
  std::string out = open_update("notification", "notificationId", added.id.to_string());
  append_text_member(out, "text", added.text.value());
  append_text_member(out, "senderId", added.sender.value());
  return out;
}

/// Where it happened: `conversationKey`, or for an inbox `to` and `channel`.
void append_place(std::string& out, const domain::ChannelKey& channel) {
  if (!channel.is_inbox()) return append_text_member(out, "conversationKey", channel.key);
  out += R"(,"to":{")";
  out += to_string(channel.kind);
  out += "\":";
  append_json_string(out, channel.key);
  out += '}';
  append_text_member(out, "channel", channel.local_name());
}

std::string open_control(std::string_view type, const domain::ChannelKey& channel) {
  if (channel.is_inbox()) return open_update(type, "channel", channel.local_name());
  return open_update(type, "conversationKey", channel.key);
}

Frame::Meta meta_of(const domain::Update& update) {
  Frame::Meta meta{FrameKind::update, update.channel, update.seq, std::nullopt, false};
  std::visit(Overloaded{
                 [&](const domain::CommentAdded& body) { meta.comment = body.comment; },
                 [&](const domain::CommentUpdated& body) { meta.comment = body.comment, meta.redacts = body.redacts; },
                 [&](const domain::CommentDeleted& body) { meta.comment = body.comment, meta.deletes = true; },
                 [&](const domain::MemberRemoved& body) { meta.expels = body.user; },
                 [&](const domain::ConversationUpdated& body) {
                   meta.closes = body.visibility == domain::Visibility::restricted;
                 },
                 [](const auto&) {},
             },
             update.body);
  return meta;
}

/// Puts `replacement` in the place of the member `name`, whose value is a text. Our own encoding has no blanks, and in
/// a text every quote is escaped, so that what is looked for stands nowhere else.
bool replace_text_member(std::string& json, std::string_view name, std::string_view replacement) {
  const std::string member = R"(,")" + std::string{name} + R"(":")";
  const auto start = json.find(member);
  if (start == std::string::npos) return false;
  auto end = start + member.size();
  while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  json.replace(start, end + 1 - start, replacement);
  return true;
}

}  // namespace

Frame::Frame(Meta meta, std::string_view json) : meta_{std::move(meta)} {
  bytes_ = text_frame_header(json.size());
  header_size_ = static_cast<std::uint8_t>(bytes_.size());
  bytes_.append(json);
}

void Frame::redact(FramePtr replacement) const {
  if (redacting_.exchange(true, std::memory_order_acq_rel)) return;
  replacement_ = std::move(replacement);
  is_redacted_.store(true, std::memory_order_release);
}

FramePtr encode_update(const domain::Update& update, const domain::Epoch& epoch) {
  std::string json = std::visit([](const auto& body) { return open_body(body); }, update.body);
  append_place(json, update.channel);
  json += R"(,"seq":)" + std::to_string(update.seq);
  append_text_member(json, "occurredAt", domain::to_rfc3339(update.occurred_at));
  if (update.channel.is_inbox()) {
    json += R"(,"timestamp":)" +
            std::to_string(std::chrono::floor<std::chrono::seconds>(update.occurred_at).time_since_epoch().count());
  }
  json += "}}";
  Frame::Meta meta = meta_of(update);
  meta.epoch = epoch;
  return std::make_shared<const Frame>(std::move(meta), json);
}

FramePtr encode_redacted(const Frame& frame) {
  std::string redacted{frame.json()};
  if (replace_text_member(redacted, "commentContent", R"(,"commentContent":null,"redacted":true)")) {
    replace_text_member(redacted, "clientRef", "");
  }
  Frame::Meta meta{frame.kind(), frame.channel(), frame.seq(), frame.comment(), frame.deletes()};
  meta.redacts = frame.redacts();
  meta.epoch = frame.epoch();
  return std::make_shared<const Frame>(std::move(meta), redacted);
}

FramePtr encode_watching(const domain::ChannelKey& channel, const domain::Cursor& cursor, std::string_view node) {
  std::string json = open_control("watching", channel);
  append_text_member(json, "cursor", cursor.to_string());
  append_text_member(json, "node", node);
  json += "}}";
  return std::make_shared<const Frame>(Frame::Meta{FrameKind::watching, channel, cursor.seq, std::nullopt, false},
                                       json);
}

FramePtr encode_missed(const domain::ChannelKey& channel, domain::Seq from, domain::Seq to) {
  std::string json = open_control("updates-missed", channel);
  json += R"(,"fromSeq":)" + std::to_string(from) + R"(,"toSeq":)" + std::to_string(to) + "}}";
  return std::make_shared<const Frame>(Frame::Meta{FrameKind::missed, channel, to, std::nullopt, false}, json);
}

FramePtr encode_reset(const domain::ChannelKey& channel, const domain::Cursor& cursor) {
  std::string json = open_control("reset", channel);
  append_text_member(json, "cursor", cursor.to_string());
  json += "}}";
  return std::make_shared<const Frame>(Frame::Meta{FrameKind::reset, channel, cursor.seq, std::nullopt, false}, json);
}

}  // namespace danwa::adapters
