#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domain/channel/channel_key.hpp"
#include "domain/core/result.hpp"

namespace danwa::domain {

/// The number of an update in its channel: 1, 2, 3 ... without holes. 0 stands for "before the first".
using Seq = std::uint64_t;

/// The largest seq that a client may name: the largest signed number of 64 bits, because databases hold no larger one.
inline constexpr Seq kMaxSeq = INT64_MAX;

/// The identity of the log as a whole: random lower-case hexadecimal. It changes only when the database is replaced or
/// goes back to an older state.
using Epoch = std::string;

/// Whether `text` may name an epoch: 1 to 64 lower-case letters and digits.
bool is_epoch(std::string_view text);

/// A place in one channel's log: everything up to `seq` was seen. Text form `<epoch>:<seq>`. Clients may also send
/// `<seq>` alone, which means the present epoch.
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

/// A place in the log of the whole database: a read with this position shows everything that was written up to it. Text
/// form
/// `<epoch>.<decimal number>`, opaque to clients, which return it unchanged. Numbers grow with the commits of one
/// epoch; numbers of different epochs cannot be compared.
struct Position {
  Epoch epoch{};
  std::uint64_t number = 0;

  /// Errors: `position-invalid` (kind malformed, resource "Danwa-Position").
  static Result<Position> parse(std::string_view text);
  std::string to_string() const;

  /// Whether everything up to `other` is also up to here.
  bool covers(const Position& other) const { return epoch == other.epoch && number >= other.number; }

  friend bool operator==(const Position&, const Position&) = default;
};

/// The highest position that a client has received. Its next read must show everything up to it.
class SeenPosition {
 public:
  SeenPosition() = default;
  explicit SeenPosition(std::optional<Position> latest) : latest_{std::move(latest)} {}

  /// A position of another epoch replaces all earlier ones: the database was replaced.
  void saw(const Position& position) {
    if (!latest_ || !latest_->covers(position)) latest_ = position;
  }

  const std::optional<Position>& latest() const { return latest_; }

 private:
  std::optional<Position> latest_;
};

/// Distinguishes one log from every other: the database that holds it, and its epoch. A copy of a database keeps the
/// epoch, so the epoch alone does not distinguish the copy from the original.
struct LogIdentity {
  static constexpr std::size_t kMaxDatabase = 128;  ///< bytes

  std::string database;  ///< visible ASCII; the same for all nodes of one database, and for no other database
  Epoch epoch;

  friend bool operator==(const LogIdentity&, const LogIdentity&) = default;
};

/// A place in the logs of several channels of one company that are read as one: in each channel everything up to its
/// seq was seen. Text form: the epoch, a colon, and a comma-separated list of `<ChannelKey::local_name>=<seq>`, which
/// may be empty, e.g. `9f3a:company:acme=7,user:bob=3`.
struct MergedCursor {
  static constexpr std::size_t kMaxChannels = 128;

  Epoch epoch;                                   ///< empty when from_start
  std::map<std::string, Seq, std::less<>> seqs;  ///< by ChannelKey::local_name

  /// `0` alone means "from the start of everything". Errors: `after-invalid` (kind malformed, resource
  /// "after").
  static Result<MergedCursor> parse(std::string_view text);
  std::string to_string() const;

  /// The place in `channel`: its start if the whole cursor is `0`; nullopt if the cursor does not name the channel.
  std::optional<Cursor> in(const ChannelKey& channel) const;

  bool from_start = false;  ///< the text was `0`

  friend bool operator==(const MergedCursor&, const MergedCursor&) = default;
};

}  // namespace danwa::domain
