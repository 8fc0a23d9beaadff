#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "adapters/delivery/frame.hpp"
#include "domain/channel/channel_key.hpp"

namespace danwa::adapters {

/// What crosses the wire between nodes, over every bus. Integers are big endian.
///
///     u16 version (2) | u32 size of all that follows | u64 seq | u32 size, channel | u32 size, payload | fields
///     a field: u16 tag | u32 size, bytes             tag 1: the database, 2: the epoch of the log
///
/// Version and size stand first in every version, so a reader passes over what it does not understand. A later
/// release may add fields; a field of an unknown tag is skipped.
///
/// `seq` is the sender's running number of events for this peer, 0 for marks. A payload is one line of
/// words, `1 update <seq> <comment id or -> <effect>`, then the JSON frame; the effect is `keep`, `delete`
/// (a comment's text), `redact` (what it said before), `close` (the conversation is private now) or `expel:<user,
/// percent-encoded>`; a mark is the line `1 look-at-log` alone, an empty channel standing for all channels. An update
/// names its epoch.
struct Envelope {
  std::uint16_t version = 0;  ///< of another version nothing else is read
  std::uint64_t seq = 0;
  std::string_view channel;
  std::string_view payload;
  std::string_view database;
  std::string_view epoch;

  bool known() const;  ///< whether the version is this program's
};

inline constexpr std::uint16_t kEnvelopeVersion = 2;
inline constexpr std::size_t kEnvelopePrefix = 14;            ///< version, size and seq, in bytes
inline constexpr std::size_t kMaxEnvelopeText = 1024 * 1024;  ///< of channel, of payload, in bytes

inline bool Envelope::known() const { return version == kEnvelopeVersion; }

/// The part of an envelope that is the same for all peers, made once: channel, payload, fields. `database` names the
/// database of this node (LogIdentity); empty: no field.
std::string encode_body(const Frame& frame, std::string_view database);

/// The body of a mark: "look at the log" for `channel` (its text form; empty: all channels).
std::string encode_mark(std::string_view channel, std::string_view database);

/// A body whose payload only the receiver understands.
std::string encode_text(std::string_view channel, std::string_view payload, std::string_view database);

void append_envelope(std::string& out, std::uint64_t seq, std::string_view body);

/// Reads the envelopes of one batch. After a malformed one the rest of the batch cannot be read.
class EnvelopeReader {
 public:
  explicit EnvelopeReader(std::string_view batch) : rest_{batch} {}

  /// Views into the batch; nothing at its end or when `malformed()`.
  std::optional<Envelope> next();
  bool malformed() const { return malformed_; }

 private:
  std::string_view rest_;
  bool malformed_ = false;
};

/// "Updates of this channel may be missing"; no channel: of any.
struct LookAtLog {
  std::optional<domain::ChannelKey> channel;
};

using BusMessage = std::variant<FramePtr, LookAtLog>;

/// Strict: nothing for an unknown version or kind, a bad channel, number, id or text, an update without its epoch.
std::optional<BusMessage> decode(const Envelope& envelope);

}  // namespace danwa::adapters
