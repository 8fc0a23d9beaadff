#include "usecase/delivery/bus_envelope.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

#include "domain/comment/comment.hpp"

// An update crosses the wire as the values of the domain, not as the JSON that clients see: a receiver checks each
// value by the rule of its kind, and then writes the JSON itself. A wrong or hostile peer cannot put bytes of its own
// into a client's frame. A field has its size in front, so that a reader skips what it does not know.

namespace danwa::delivery {
namespace {

using Field = EnvelopeField;
using Kind = EnvelopeKind;

constexpr std::size_t kMaxEnvelope = 2 * kMaxEnvelopeText + 64 * 1024;  // bytes behind the size
constexpr std::uint64_t kMaxTime = 253'402'300'799'999;                 // 9999-12-31T23:59:59.999Z: what RFC 3339 holds

template <std::unsigned_integral Integer>
void append_integer(std::string& out, Integer value) {
  for (int shift = static_cast<int>(8 * (sizeof value - 1)); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xFF));
  }
}

template <std::unsigned_integral Integer>
bool take_integer(std::string_view& in, Integer& value) {
  if (in.size() < sizeof value) return false;
  std::uint64_t read = 0;
  for (const char c : in.substr(0, sizeof value)) read = (read << 8) | static_cast<unsigned char>(c);
  value = static_cast<Integer>(read);
  in.remove_prefix(sizeof value);
  return true;
}

void append_text(std::string& out, std::string_view text) {
  append_integer(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

bool take_text(std::string_view& in, std::string_view& text) {
  std::uint32_t size = 0;
  if (!take_integer(in, size) || size > kMaxEnvelopeText || size > in.size()) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

bool take_fields(std::string_view in, Envelope& envelope) {
  while (!in.empty()) {
    std::uint16_t tag = 0;
    std::string_view value;
    if (!take_integer(in, tag) || !take_text(in, value)) return false;
    if (tag == 0 || tag > Envelope::kFields) continue;
    auto& field = envelope.fields[tag - 1U];
    if (std::exchange(field, value)) return false;
  }
  return true;
}

/// Writes a body, field by field.
class BodyWriter {
 public:
  BodyWriter(Kind kind, std::string_view channel, std::string_view database) {
    out_.reserve(channel.size() + database.size() + 384);
    append_integer(out_, static_cast<std::uint8_t>(kind));
    append_text(out_, channel);
    if (!database.empty()) field(Field::database, database);
  }

  void field(Field tag, std::string_view value) {
    append_integer(out_, static_cast<std::uint16_t>(tag));
    append_text(out_, value);
  }
  template <class Text>
  void field(Field tag, const std::optional<Text>& value) {
    if (value) field(tag, value->value());
  }
  void field(Field tag, const domain::Uuid& id) {
    field(tag, std::string_view{reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size()});
  }
  void number(Field tag, std::uint64_t value) {
    append_integer(out_, static_cast<std::uint16_t>(tag));
    append_integer(out_, static_cast<std::uint32_t>(sizeof value));
    append_integer(out_, value);
  }

  void body(const domain::CommentAdded& added) {
    field(Field::subject, added.comment.value);
    field(Field::author, added.author.value());
    field(Field::text, added.content);
    if (added.client_ref) field(Field::mark, *added.client_ref);
  }
  void body(const domain::CommentUpdated& updated) {
    field(Field::subject, updated.comment.value);
    field(Field::author, updated.author.value());
    field(Field::text, updated.content);
    if (updated.redacts) field(Field::redacts, "");
  }
  void body(const domain::CommentDeleted& deleted) {
    field(Field::subject, deleted.comment.value);
    field(Field::author, deleted.author.value());
    field(Field::by, deleted.by.value());
  }
  template <class Change>  // MemberAdded or MemberRemoved
  void body(const Change& change) {
    field(Field::subject, change.id);
    field(Field::about, change.user.value());
    field(Field::by, change.by.value());
  }
  void body(const domain::ConversationUpdated& updated) {
    field(Field::subject, updated.id);
    field(Field::text, updated.title);
    field(Field::visibility, std::string(1, static_cast<char>(updated.visibility)));
    field(Field::by, updated.by.value());
  }
  void body(const domain::NotificationAdded& added) {
    field(Field::subject, added.id.value);
    field(Field::author, added.sender.value());
    field(Field::text, added.text.value());
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

struct ClientRefTag {
  static constexpr domain::TextRules kRules{"clientRef", domain::CommentFactory::kMaxClientRef, false};
};
using ClientRef = domain::BoundedText<ClientRefTag>;

template <class Text>
domain::Result<Text> parse(std::string text) {
  if constexpr (std::is_same_v<Text, domain::CommentContent>) {
    return Text::parse(std::move(text), Text::kMost);
  } else {
    return Text::parse(std::move(text));
  }
}

/// Takes the fields of an envelope out, each by the rule of its type, and remembers the first fault. The caller may use
/// the values only if `complete` is true. A field that stays is one that this kind does not have, which is a fault too.
class FieldReader {
 public:
  explicit FieldReader(const Envelope& envelope) : fields_{envelope.fields} { take(Field::database); }

  /// Every required field was present, none was wrong, and none is left.
  bool complete() const {
    return good_ && std::none_of(fields_.begin(), fields_.end(), [](const auto& field) { return field.has_value(); });
  }

  std::optional<std::string_view> take(Field tag) {
    return std::exchange(fields_[static_cast<std::size_t>(tag) - 1], std::nullopt);
  }
  std::string_view bytes(Field tag) {
    const auto value = take(tag);
    good_ = good_ && value;
    return value.value_or(std::string_view{});
  }
  template <class Text>
  std::optional<Text> optional_text(Field tag) {
    const auto value = take(tag);
    if (!value) return std::nullopt;
    auto text = parse<Text>(std::string{*value});
    good_ = good_ && text;
    return text ? std::optional{std::move(*text)} : std::nullopt;
  }
  template <class Text>
  std::optional<Text> text(Field tag) {
    auto text = optional_text<Text>(tag);
    good_ = good_ && text;
    return text;
  }
  std::uint64_t number(Field tag, std::uint64_t least, std::uint64_t most) {
    auto value = bytes(tag);
    std::uint64_t number = 0;
    good_ = good_ && take_integer(value, number) && value.empty() && least <= number && number <= most;
    return number;
  }
  domain::Uuid id(Field tag) {
    const auto value = bytes(tag);
    domain::Uuid::Bytes id{};
    good_ = good_ && value.size() == id.size();
    if (good_) std::copy(value.begin(), value.end(), id.begin());
    return domain::Uuid{id};
  }
  /// A field without a value: its presence is the value.
  bool flag(Field tag) {
    const auto value = take(tag);
    good_ = good_ && (!value || value->empty());
    return value.has_value();
  }

 private:
  std::array<std::optional<std::string_view>, Envelope::kFields> fields_;
  bool good_ = true;
};

std::optional<domain::UpdateBody> comment_body(Kind kind, FieldReader& in) {
  const domain::CommentId id{in.id(Field::subject)};
  auto author = in.text<domain::UserId>(Field::author);
  if (kind == Kind::comment_deleted) {
    auto by = in.text<domain::UserId>(Field::by);
    if (!in.complete()) return std::nullopt;
    return domain::CommentDeleted{id, std::move(*author), std::move(*by)};
  }
  auto content = in.optional_text<domain::CommentContent>(Field::text);
  if (kind == Kind::comment_updated) {
    const bool redacts = in.flag(Field::redacts);
    if (!in.complete()) return std::nullopt;
    return domain::CommentUpdated{id, std::move(*author), std::move(content), redacts};
  }
  const auto mark = in.optional_text<ClientRef>(Field::mark);
  if (!in.complete()) return std::nullopt;
  return domain::CommentAdded{id, std::move(*author), std::move(content),
                              mark ? std::optional{mark->value()} : std::nullopt};
}

std::optional<domain::UpdateBody> conversation_body(Kind kind, FieldReader& in) {
  const auto id = in.id(Field::subject);
  auto by = in.text<domain::UserId>(Field::by);
  if (kind == Kind::conversation_updated) {
    auto title = in.optional_text<domain::ConversationTitle>(Field::text);
    const auto visibility = in.bytes(Field::visibility);
    const bool known = visibility.size() == 1 && static_cast<unsigned char>(visibility[0]) <= 1;
    if (!known || !in.complete()) return std::nullopt;
    return domain::ConversationUpdated{id, std::move(title), domain::Visibility{visibility[0] != 0}, std::move(*by)};
  }
  auto user = in.text<domain::UserId>(Field::about);
  if (!in.complete()) return std::nullopt;
  if (kind == Kind::member_added) return domain::MemberAdded{id, std::move(*user), std::move(*by)};
  return domain::MemberRemoved{id, std::move(*user), std::move(*by)};
}

std::optional<domain::UpdateBody> notification_body(FieldReader& in) {
  const domain::NotificationId id{in.id(Field::subject)};
  auto sender = in.text<domain::UserId>(Field::author);
  auto text = in.text<domain::NotificationText>(Field::text);
  if (!in.complete()) return std::nullopt;
  return domain::NotificationAdded{id, std::move(*sender), std::move(*text)};
}

std::optional<domain::UpdateBody> decode_body(Kind kind, FieldReader& in) {
  switch (kind) {
    case Kind::comment_added:
    case Kind::comment_updated:
    case Kind::comment_deleted:
      return comment_body(kind, in);
    case Kind::member_added:
    case Kind::member_removed:
    case Kind::conversation_updated:
      return conversation_body(kind, in);
    case Kind::notification_added:
      return notification_body(in);
    default:
      return std::nullopt;
  }
}

/// Whether the key keeps the rules of the channel's kind.
bool has_good_key(const domain::ChannelKey& channel) {
  switch (channel.kind) {
    case domain::ChannelKind::conversation:
      return domain::ConversationKey::parse(channel.key).has_value();
    case domain::ChannelKind::user:
      return domain::UserId::parse(channel.key).has_value();
    case domain::ChannelKind::store:
      return domain::StoreId::parse(channel.key).has_value();
    case domain::ChannelKind::company:
      return channel.key == channel.company.value();
  }
  return false;
}

}  // namespace

std::string encode_body(const domain::Update& update, std::string_view channel, const domain::Epoch& epoch,
                        std::string_view database) {
  // The kinds of updates have the order of the alternatives of UpdateBody.
  const auto kind = static_cast<Kind>(update.body.index() + static_cast<std::size_t>(Kind::comment_added));
  BodyWriter out{kind, channel, database};
  out.field(Field::epoch, epoch);
  out.number(Field::seq, update.seq);
  out.number(Field::time, static_cast<std::uint64_t>(update.occurred_at.time_since_epoch().count()));
  std::visit([&out](const auto& body) { out.body(body); }, update.body);
  return out.take();
}

std::string encode_mark(std::string_view channel, std::string_view database) {
  return BodyWriter{Kind::check_log, channel, database}.take();
}

std::string encode_presence(std::string_view text, std::string_view database) {
  BodyWriter out{Kind::presence, "", database};
  out.field(Field::text, text);
  return out.take();
}

void append_envelope(std::string& out, std::uint64_t seq, std::string_view body) {
  append_integer(out, kEnvelopeVersion);
  append_integer(out, static_cast<std::uint32_t>(sizeof seq + body.size()));
  append_integer(out, seq);
  out += body;
}

std::optional<Envelope> EnvelopeReader::next() {
  if (rest_.empty() || malformed_) return std::nullopt;
  Envelope envelope;
  std::uint32_t size = 0;
  malformed_ = !take_integer(rest_, envelope.version) || !take_integer(rest_, size) || size > kMaxEnvelope ||
               size > rest_.size();
  if (malformed_) return std::nullopt;
  auto inside = rest_.substr(0, size);
  rest_.remove_prefix(size);
  if (!envelope.known()) return envelope;  // its size is known, so the next one can still be read
  std::uint8_t kind = 0;
  malformed_ = !take_integer(inside, envelope.seq) || !take_integer(inside, kind) ||
               !take_text(inside, envelope.channel) || !take_fields(inside, envelope);
  if (malformed_) return std::nullopt;
  envelope.kind = static_cast<Kind>(kind);
  return envelope;
}

std::optional<BusMessage> decode(const Envelope& envelope) {
  if (!envelope.known()) return std::nullopt;
  FieldReader in{envelope};
  const bool is_mark = envelope.kind == Kind::check_log;
  if (is_mark && envelope.channel.empty() && in.complete()) return CheckLog{};
  if (envelope.kind == Kind::presence) {
    const auto text = in.bytes(Field::text);
    if (!envelope.channel.empty() || !in.complete()) return std::nullopt;
    return PresenceMessage{std::string{text}};
  }
  auto channel = domain::ChannelKey::parse(envelope.channel);
  if (!channel || !has_good_key(*channel)) return std::nullopt;
  if (is_mark) return in.complete() ? std::optional<BusMessage>{CheckLog{std::move(*channel)}} : std::nullopt;
  if (channel->is_inbox() != (envelope.kind == Kind::notification_added)) return std::nullopt;
  const domain::Epoch epoch{in.bytes(Field::epoch)};
  const auto seq = in.number(Field::seq, 1, domain::kMaxSeq);
  const domain::Timestamp time{std::chrono::milliseconds{in.number(Field::time, 0, kMaxTime)}};
  auto body = decode_body(envelope.kind, in);
  if (!body || !domain::is_epoch(epoch)) return std::nullopt;
  return LoggedUpdate{{std::move(*channel), seq, time, std::move(*body)}, epoch};
}

}  // namespace danwa::delivery
