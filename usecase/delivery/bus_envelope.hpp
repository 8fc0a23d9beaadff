#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "usecase/delivery/peer_bus.hpp"

namespace danwa::delivery {

/// The wire format between nodes, the same over every bus. Integers are big endian.
///
///     u16 version (3) | u32 size of all that follows | u64 seq | u8 kind | u32 size, channel | fields
///     a field: u16 tag | u32 size, bytes
///
/// Version and size stand first in every version, so a reader passes over what it does not understand. A later release
/// may add fields: a field of an unknown tag is skipped. `seq` is the sender's running number of events for this peer,
/// 0 for marks. `channel` is the text form of the ChannelKey.
///
/// | kind | channel | fields besides `database`, in any order, each at most once |
/// |---|---|---|
/// | 0 check the log | empty: all channels | |
/// | 1 presence | empty | text: opaque here |
/// | 2 comment added | of the update | update's fields, author, text or not, mark or not |
/// | 3 comment updated | | update's fields, author, text or not, redacts or not |
/// | 4 comment deleted | | update's fields, author, by |
/// | 5 member added | | update's fields, about, by |
/// | 6 member removed | | update's fields, about, by |
/// | 7 conversation updated | | update's fields, text (the title) or not, visibility, by |
/// | 8 notification | | update's fields, author, text |
///
/// The update's fields: epoch, seq (u64), time (u64, milliseconds since 1970) and subject (16 bytes: the id of the
/// comment, the notification or the event). `visibility` is u8, 0 open, 1 private; `redacts` is empty; the others are
/// texts.
enum class EnvelopeKind : std::uint8_t {
  check_log,
  presence,
  comment_added,
  comment_updated,
  comment_deleted,
  member_added,
  member_removed,
  conversation_updated,
  notification_added
};

enum class EnvelopeField : std::uint16_t {
  database = 1,
  epoch,
  seq,
  time,
  subject,
  author,
  text,
  mark,
  about,
  by,
  redacts,
  visibility
};

struct Envelope {
  static constexpr std::size_t kFields = 12;

  std::uint16_t version = 0;  ///< of another version nothing else is read
  std::uint64_t seq = 0;
  EnvelopeKind kind = EnvelopeKind::check_log;  ///< any byte, until `decode`
  std::string_view channel;
  std::array<std::optional<std::string_view>, kFields> fields{};

  bool known() const;  ///< whether the version is this program's
  const std::optional<std::string_view>& field(EnvelopeField tag) const {
    return fields[static_cast<std::size_t>(tag) - 1];
  }
  /// The database of the sender (LogIdentity); empty: not named.
  std::string_view database() const { return field(EnvelopeField::database).value_or(std::string_view{}); }
};

inline constexpr std::uint16_t kEnvelopeVersion = 3;
inline constexpr std::size_t kEnvelopePrefix = 14;            ///< version, size and seq, in bytes
inline constexpr std::size_t kMaxEnvelopeText = 1024 * 1024;  ///< of the channel, of a field, in bytes

inline bool Envelope::known() const { return version == kEnvelopeVersion; }

/// The part of an envelope that is the same for all peers: everything behind `seq`. It is made once. `database` names
/// the database of this node; empty: no field. `epoch` is that of the update's log, `channel` the text form of its
/// channel.
std::string encode_body(const domain::Update& update, std::string_view channel, const domain::Epoch& epoch,
                        std::string_view database);

/// The body of a mark: "check the log" for `channel` (its text form; empty: all channels).
std::string encode_mark(std::string_view channel, std::string_view database);

/// The body of a presence note of this node.
std::string encode_presence(std::string_view text, std::string_view database);

void append_envelope(std::string& out, std::uint64_t seq, std::string_view body);

/// Reads the envelopes of one batch. After a malformed one the rest of the batch cannot be read.
class EnvelopeReader {
 public:
  explicit EnvelopeReader(std::string_view batch) : rest_{batch} {}

  /// Views into the batch; nullopt at its end, or if `malformed()`.
  std::optional<Envelope> next();
  bool malformed() const { return malformed_; }

 private:
  std::string_view rest_;
  bool malformed_ = false;
};

/// "Updates of this channel may be missing"; no channel: of any.
struct CheckLog {
  std::optional<domain::ChannelKey> channel;
};

/// A presence note of another node; usecase/presence has its format.
struct PresenceMessage {
  std::string text;
};

using BusMessage = std::variant<LoggedUpdate, CheckLog, PresenceMessage>;

/// Strict: every text must keep the rules of its kind in the domain. Returns nullopt for an unknown version or kind, a
/// bad channel, number, id or text, and a field that is missing or that its kind does not have.
std::optional<BusMessage> decode(const Envelope& envelope);

}  // namespace danwa::delivery
