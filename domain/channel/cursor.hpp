#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

}  // namespace danwa::domain
