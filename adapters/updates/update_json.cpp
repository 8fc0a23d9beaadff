#include "adapters/updates/update_json.hpp"

#include <array>
#include <chrono>
#include <variant>

#include "adapters/protocol/json/json_writer.hpp"
#include "adapters/protocol/websocket/frame_writer.hpp"

namespace danwa::adapters {

// The JSON of updates and of the other frames. A frame is written once per node and shared by all watchers there, as a
// whole WebSocket frame: the text follows a gap of the longest header, and the header is written into the end of the
// gap when the length is known. So no text is moved for its header, and server-sent events take the same text without
// it. Pages of the log are written by the same functions.
//
// The marks of the list of conversations come first: the texts with which a client continues that list.

namespace {

using Mark = usecase::UpdateLog::ConversationMark;

std::optional<domain::Timestamp> parse_milliseconds(std::string_view digits) {
  const auto milliseconds = domain::parse_seq(digits);
  if (!milliseconds) return std::nullopt;
  return domain::Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(*milliseconds)}};
}

/// `p<place>`, or `p<place>-<milliseconds>`.
std::optional<Mark> parse_place(std::string_view text) {
  const auto dash = text.find('-');
  Mark mark{.place = domain::parse_seq(text.substr(0, dash))};
  if (dash != std::string_view::npos) mark.before = parse_milliseconds(text.substr(dash + 1));
  if (!mark.place || (dash != std::string_view::npos && !mark.before)) return std::nullopt;
  return mark;
}

/// `<milliseconds>:<key>`. The list continues one millisecond later, because several conversations may have been active
/// in that millisecond: some of them come twice, and none is left out.
std::optional<Mark> parse_former(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto time = parse_milliseconds(text.substr(0, colon));
  if (!time || !domain::ConversationKey::parse(std::string{text.substr(colon + 1)})) return std::nullopt;
  return Mark{.before = *time == domain::Timestamp::max() ? *time : *time + std::chrono::milliseconds{1}};
}

}  // namespace

std::string to_text(const Mark& mark) {
  std::string text = 'p' + std::to_string(mark.place.value_or(domain::kMaxSeq));
  if (mark.before) text += '-' + std::to_string(mark.before->time_since_epoch().count());
  return text;
}

std::optional<Mark> parse_conversation_mark(std::string_view text) {
  if (const auto time = domain::parse_rfc3339(text)) return Mark{.before = *time};
  if (text.starts_with('p')) return parse_place(text.substr(1));
  return parse_former(text);
}

namespace {

/// The expected size of an update as JSON. A string that grows while it is written has up to twice the capacity, for as
/// long as the update is cached.
std::size_t usual_size(const domain::Update& update) {
  const auto* const added = std::get_if<domain::CommentAdded>(&update.body);
  const std::size_t text = added != nullptr && added->content ? added->content->value().size() : 0;
  return 272 + update.channel.key.size() + text;
}

std::string_view type_of(const domain::UpdateBody& body) {
  static constexpr std::array<std::string_view, 7> kTypes{"comment-added", "comment-updated", "comment-deleted",
                                                          "member-joined", "member-left",     "conversation-updated",
                                                          "notification"};
  static_assert(std::variant_size_v<domain::UpdateBody> == kTypes.size());
  return kTypes[body.index()];
}

void add_content(ObjectWriter& out, const std::optional<domain::CommentContent>& content) {
  out.optional_text("commentContent", content);
  if (!content) out.raw("redacted", "true");
}

void add_body(ObjectWriter& out, const domain::CommentAdded& added) {
  out.text("commentId", added.comment.to_string());
  add_content(out, added.content);
  out.text("authorId", added.author.value());
  if (added.client_ref) out.text("clientRef", *added.client_ref);
}

void add_body(ObjectWriter& out, const domain::CommentUpdated& updated) {
  out.text("commentId", updated.comment.to_string());
  add_content(out, updated.content);
  if (updated.redacts) out.raw("redacts", "true");
  out.text("authorId", updated.author.value());
}

void add_body(ObjectWriter& out, const domain::CommentDeleted& deleted) {
  out.text("commentId", deleted.comment.to_string());
  out.text("authorId", deleted.author.value());
  out.text("byUserId", deleted.by.value());
}

template <class Change>  // MemberAdded or MemberRemoved
void add_body(ObjectWriter& out, const Change& change) {
  out.text("userId", change.user.value());
  out.text("byUserId", change.by.value());
}

void add_body(ObjectWriter& out, const domain::ConversationUpdated& updated) {
  out.text("visibility", to_string(updated.visibility));
  out.optional_text("title", updated.title);
  out.text("byUserId", updated.by.value());
}

void add_body(ObjectWriter& out, const domain::NotificationAdded& added) {
  out.text("notificationId", added.id.to_string());
  out.text("text", added.text.value());
  out.text("senderId", added.sender.value());
}

void add_name(ObjectWriter& out, const domain::ChannelKey& channel) {
  if (channel.is_inbox()) return out.text("channel", channel.local_name());
  out.text("conversationKey", channel.key);
}

void add_payload(ObjectWriter& out, const domain::Update& update) {
  std::visit([&out](const auto& body) { add_body(out, body); }, update.body);
  if (update.channel.is_inbox()) {
    std::string to;
    ObjectWriter recipient{to};
    recipient.text(to_string(update.channel.kind), update.channel.key);
    recipient.end();
    out.raw("to", to);
  }
  add_name(out, update.channel);
  out.number("seq", update.seq);
  out.text("occurredAt", domain::to_rfc3339(update.occurred_at));
  if (!update.channel.is_inbox()) return;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(update.occurred_at).time_since_epoch().count();
  out.raw("timestamp", std::to_string(seconds));
}

void add_cursor(ObjectWriter& out, const delivery::WatchPosition& position) {
  const auto* const merged = std::get_if<delivery::MergedPosition>(&position);
  if (merged == nullptr) return out.text("cursor", std::get<domain::Cursor>(position).to_string());
  out.raw("channels", json_array(merged->channels, append_json_string));
  out.text("cursor", merged->cursor.to_string());
}

bool is_merged(const delivery::WatchPosition& position) {
  return std::holds_alternative<delivery::MergedPosition>(position);
}

void add_payload(ObjectWriter& out, const delivery::Watching& watching) {
  if (!is_merged(watching.position)) add_name(out, watching.channel);
  add_cursor(out, watching.position);
  out.text("node", watching.node);
}

void add_payload(ObjectWriter& out, const delivery::UpdatesMissed& missed) {
  add_name(out, missed.channel);
  out.number("fromSeq", missed.from);
  out.number("toSeq", missed.to);
}

void add_payload(ObjectWriter& out, const delivery::Reset& reset) {
  add_name(out, reset.channel);
  add_cursor(out, reset.position);
}

void add_payload(ObjectWriter& out, const delivery::PresenceChanged& present) {
  const auto append = [](std::string& names, const domain::UserId& user) { append_json_string(names, user.value()); };
  add_name(out, present.channel);
  out.number("count", present.count);
  out.raw("users", json_array(present.users, append));
}

template <class Content>
void append_event(std::string& out, std::string_view type, const Content& content) {
  out += R"({"type":")";
  out += type;
  out += R"(","payload":)";
  ObjectWriter payload{out};
  add_payload(payload, content);
  payload.end();
  out += '}';
}

std::string_view type_of(const delivery::Watching&) { return "watching"; }
std::string_view type_of(const delivery::UpdatesMissed&) { return "updates-missed"; }
std::string_view type_of(const delivery::Reset&) { return "reset"; }
std::string_view type_of(const delivery::PresenceChanged&) { return "presence-changed"; }
std::string_view type_of(const domain::Update& update) { return type_of(update.body); }

class JsonFrames final : public delivery::FrameEncoder {
 public:
  delivery::EncodedFrame encode(const delivery::FrameContent& content) const override {
    delivery::EncodedFrame out;
    const auto* const update = std::get_if<domain::Update>(&content);
    out.bytes.reserve(websocket::kMaxHeader + (update != nullptr ? usual_size(*update) : 200));
    out.bytes.assign(websocket::kMaxHeader, '\0');
    std::visit([&out](const auto& what) { append_event(out.bytes, type_of(what), what); }, content);
    out.payload = websocket::kMaxHeader;
    out.frame = static_cast<std::uint8_t>(websocket::write_header(out.bytes, out.payload, websocket::Opcode::text));
    return out;
  }
};

}  // namespace

void append_json(std::string& out, const domain::Update& update) { append_event(out, type_of(update), update); }

const delivery::FrameEncoder& json_frames() {
  static const JsonFrames encoder;
  return encoder;
}

}  // namespace danwa::adapters
