#include "adapters/delivery/bus_envelope.hpp"

#include <array>
#include <charconv>
#include <concepts>

#include "domain/core/percent.hpp"
#include "domain/core/utf8.hpp"

namespace danwa::adapters {
namespace {

constexpr std::size_t kMaxEnvelope = 2 * kMaxEnvelopeText + 64 * 1024;  // bytes behind the size

enum class Field : std::uint16_t { database = 1, epoch = 2 };

constexpr std::string_view kMark = "1 look-at-log\n";
constexpr std::string_view kExpel = "expel:";

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

void append_field(std::string& out, Field tag, std::string_view value) {
  if (value.empty()) return;
  append_integer(out, static_cast<std::uint16_t>(tag));
  append_text(out, value);
}

bool take_fields(std::string_view in, Envelope& envelope) {
  while (!in.empty()) {
    std::uint16_t tag = 0;
    std::string_view value;
    if (!take_integer(in, tag) || !take_text(in, value)) return false;
    if (tag == static_cast<std::uint16_t>(Field::database)) envelope.database = value;
    if (tag == static_cast<std::uint16_t>(Field::epoch)) envelope.epoch = value;
  }
  return true;
}

std::string_view word_of(FrameKind kind) { return kind == FrameKind::ephemeral ? "ephemeral" : "update"; }

/// The first line of a payload, split at single spaces.
struct Head {
  std::array<std::string_view, 5> words;  ///< version, kind, seq, comment, effect

  static std::optional<Head> parse(std::string_view line) {
    Head head;
    for (std::size_t i = 0; i + 1 < head.words.size(); ++i) {
      const auto space = line.find(' ');
      if (space == std::string_view::npos) return std::nullopt;
      head.words[i] = line.substr(0, space);
      line.remove_prefix(space + 1);
    }
    head.words.back() = line;
    return head;
  }
};

std::optional<domain::Seq> parse_seq(std::string_view text) {
  domain::Seq seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || seq > domain::kMaxSeq || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return seq;
}

std::string effect_of(const Frame& frame) {
  if (frame.deletes()) return "delete";
  if (frame.redacts()) return "redact";
  if (frame.closes()) return "close";
  if (frame.expels()) return std::string{kExpel} + domain::percent_encode(frame.expels()->value());
  return "keep";
}

bool parse_effect(std::string_view effect, Frame::Meta& meta) {
  meta.deletes = effect == "delete";
  meta.redacts = effect == "redact";
  meta.closes = effect == "close";
  if (!effect.starts_with(kExpel)) return meta.deletes || meta.redacts || meta.closes || effect == "keep";
  auto decoded = domain::percent_decode(effect.substr(kExpel.size()));
  if (!decoded) return false;
  auto user = domain::UserId::parse(std::move(*decoded));
  if (user) meta.expels = std::move(*user);
  return user.has_value();
}

std::optional<Frame::Meta> parse_meta(const Head& head, domain::ChannelKey channel) {
  const auto& [version, kind, seq_text, comment, effect] = head.words;
  Frame::Meta meta{FrameKind::update, std::move(channel), 0, std::nullopt, false};
  if (version != "1" || !parse_effect(effect, meta)) return std::nullopt;
  if (kind == "ephemeral") {
    meta.kind = FrameKind::ephemeral;
  } else if (kind != "update") {
    return std::nullopt;
  }
  const auto seq = parse_seq(seq_text);
  if (!seq || (*seq == 0) != (meta.kind == FrameKind::ephemeral)) return std::nullopt;
  meta.seq = *seq;
  if (comment != "-") {
    const auto id = domain::Uuid::parse(comment);
    if (!id) return std::nullopt;
    meta.comment = domain::CommentId{*id};
  }
  if ((meta.deletes || meta.redacts) && !meta.comment) return std::nullopt;
  return meta;
}

bool is_json_object_text(std::string_view json) {
  return json.size() >= 2 && json.front() == '{' && json.back() == '}' && domain::count_code_points(json).has_value();
}

}  // namespace

std::string encode_body(const Frame& frame, std::string_view database) {
  std::string payload = "1 ";
  payload += word_of(frame.kind());
  payload += ' ' + std::to_string(frame.seq()) + ' ';
  payload += frame.comment() ? frame.comment()->to_string() : "-";
  payload += ' ' + effect_of(frame) + '\n';
  payload += frame.json();
  std::string body;
  const std::string channel = frame.channel().to_string();
  body.reserve(channel.size() + payload.size() + database.size() + frame.epoch().size() + 5 * sizeof(std::uint32_t));
  append_text(body, channel);
  append_text(body, payload);
  append_field(body, Field::database, database);
  append_field(body, Field::epoch, frame.epoch());
  return body;
}

std::string encode_mark(std::string_view channel, std::string_view database) {
  return encode_text(channel, kMark, database);
}

std::string encode_text(std::string_view channel, std::string_view payload, std::string_view database) {
  std::string body;
  append_text(body, channel);
  append_text(body, payload);
  append_field(body, Field::database, database);
  return body;
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
  if (!envelope.known()) return envelope;
  malformed_ = !take_integer(inside, envelope.seq) || !take_text(inside, envelope.channel) ||
               !take_text(inside, envelope.payload) || !take_fields(inside, envelope);
  if (malformed_) return std::nullopt;
  return envelope;
}

std::optional<BusMessage> decode(const Envelope& envelope) {
  if (!envelope.known()) return std::nullopt;
  const bool is_mark = envelope.payload == kMark;
  if (is_mark && envelope.channel.empty()) return LookAtLog{};
  auto channel = domain::ChannelKey::parse(envelope.channel);
  if (!channel) return std::nullopt;
  if (is_mark) return LookAtLog{std::move(*channel)};
  const auto line_end = envelope.payload.find('\n');
  if (line_end == std::string_view::npos) return std::nullopt;
  const auto head = Head::parse(envelope.payload.substr(0, line_end));
  const auto json = envelope.payload.substr(line_end + 1);
  if (!head || !is_json_object_text(json)) return std::nullopt;
  auto meta = parse_meta(*head, std::move(*channel));
  if (!meta) return std::nullopt;
  if (meta->kind == FrameKind::update && !domain::is_epoch(envelope.epoch)) return std::nullopt;
  if (meta->kind == FrameKind::update) meta->epoch = envelope.epoch;
  return std::make_shared<const Frame>(std::move(*meta), json);
}

}  // namespace danwa::adapters
