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

/// What crosses the wire between nodes. The form of the envelope is frozen, so that nodes of different
/// releases can run together; only the payload's text may get new versions.
///
///     u16 version (1) | u64 seq | u32 size, channel | u32 size, payload      integers big endian
///
/// `seq` is the sender's running number of events for this peer, 0 for marks. A payload is one line of
/// words, `1 update <seq> <comment id or -> <effect>`, then the JSON frame; the effect is `keep`, `delete`
/// (a comment's text), `redact` (what it said before), `close` (the conversation is private now) or `expel:<user,
/// percent-encoded>`; a mark is the line `1 look-at-log` alone, an empty channel standing for all channels.
struct Envelope {
  std::uint64_t seq = 0;
  std::string_view channel;
  std::string_view payload;
};

inline constexpr std::size_t kEnvelopePrefix = 10;            ///< version and seq, in bytes
inline constexpr std::size_t kMaxEnvelopeText = 1024 * 1024;  ///< of channel, of payload, in bytes

/// The part of an envelope that is the same for all peers: channel and payload, made once.
std::string encode_body(const Frame& frame);

/// The body of a mark: "look at the log" for `channel` (its text form; empty: all channels).
std::string encode_mark(std::string_view channel);

void append_envelope(std::string& out, std::uint64_t seq, std::string_view body);

/// Reads the envelopes of one batch. After a malformed one, or one of another version, the rest of the
/// batch cannot be read.
class EnvelopeReader {
 public:
  explicit EnvelopeReader(std::string_view batch) : rest_{batch} {}

  /// Views into the batch; nothing at its end or when `malformed()`.
  std::optional<Envelope> next();
  bool malformed() const { return malformed_; }

 private:
  bool take_text(std::string_view& text);

  std::string_view rest_;
  bool malformed_ = false;
};

/// "Updates of this channel may be missing"; no channel: of any.
struct LookAtLog {
  std::optional<domain::ChannelKey> channel;
};

using BusMessage = std::variant<FramePtr, LookAtLog>;

/// Strict: nothing for an unknown version or kind, a bad channel, number, id or text.
std::optional<BusMessage> decode(const Envelope& envelope);

}  // namespace danwa::adapters
