#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domain/channel/channel_key.hpp"
#include "domain/core/result.hpp"

namespace danwa::domain {

/// Number of an update in its channel: 1, 2, 3 ... without holes; 0 stands for "before the first".
using Seq = std::uint64_t;

/// Largest seq a client may name (signed 64 bits, what the database can hold).
inline constexpr Seq kMaxSeq = INT64_MAX;

/// Identity of the log as a whole: random lower-case hexadecimal; changes only when the database was
/// replaced or restored to an older state.
using Epoch = std::string;

/// Whether `text` may name an epoch: 1 to 64 lower-case letters and digits.
bool is_epoch(std::string_view text);

/// A place in one channel's log, "everything up to `seq` was seen". Text form `<epoch>:<seq>`; a bare
/// `<seq>` (no epoch) is accepted from clients and means "in whatever epoch the log is now".
struct Cursor {
  std::optional<Epoch> epoch;
  Seq seq = 0;

  /// Errors: `after-invalid` (kind malformed, resource "after").
  static Result<Cursor> parse(std::string_view text);
  std::string to_string() const;

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// Reads a decimal seq, digits only, at most `kMaxSeq`.
std::optional<Seq> parse_seq(std::string_view text);

/// How far the database had come: what was written up to here is to be seen. Text form
/// `<epoch>.<decimal number>`, opaque to clients, who hand back what they were given. Numbers grow with the
/// commits of one epoch; those of different epochs say nothing about each other.
struct Position {
  Epoch epoch{};
  std::uint64_t number = 0;

  /// Errors: `position-invalid` (kind malformed, resource "Danwa-Position").
  static Result<Position> parse(std::string_view text);
  std::string to_string() const;

  /// Whether who has come here has also come to `other`.
  bool covers(const Position& other) const { return epoch == other.epoch && number >= other.number; }

  friend bool operator==(const Position&, const Position&) = default;
};

/// The highest position that somebody was told: what their next read must show.
class SeenPosition {
 public:
  SeenPosition() = default;
  explicit SeenPosition(std::optional<Position> latest) : latest_{std::move(latest)} {}

  /// One of another epoch counts in place of all before: the database was replaced.
  void saw(const Position& position) {
    if (!latest_ || !latest_->covers(position)) latest_ = position;
  }

  const std::optional<Position>& latest() const { return latest_; }

 private:
  std::optional<Position> latest_;
};

/// What tells one log from every other: the database that holds it and its epoch. A copy of a database keeps the
/// epoch, so the epoch alone does not tell the copy from the original.
struct LogIdentity {
  static constexpr std::size_t kMaxDatabase = 128;  ///< bytes

  std::string database;  ///< visible ASCII; the same for all nodes of one database, and for no other database
  Epoch epoch;

  friend bool operator==(const LogIdentity&, const LogIdentity&) = default;
};

/// A place in the logs of several channels of one company that are read as one: per channel, "everything up
/// to seq was seen". Text form: the epoch, a colon, and a comma-separated list of
/// `<ChannelKey::local_name>=<seq>`, which may be empty, e.g. `9f3a:company:acme=7,user:bob=3`.
struct MergedCursor {
  static constexpr std::size_t kMaxChannels = 128;

  Epoch epoch;                                   ///< empty when from_start
  std::map<std::string, Seq, std::less<>> seqs;  ///< by ChannelKey::local_name

  /// `0` alone means "from the start of everything". Errors: `after-invalid` (kind malformed, resource
  /// "after").
  static Result<MergedCursor> parse(std::string_view text);
  std::string to_string() const;

  /// The place in `channel`. From the start when the whole cursor is `0`; nothing when it does not name it.
  std::optional<Cursor> in(const ChannelKey& channel) const;

  bool from_start = false;  ///< it was `0`

  friend bool operator==(const MergedCursor&, const MergedCursor&) = default;
};

}  // namespace danwa::domain
