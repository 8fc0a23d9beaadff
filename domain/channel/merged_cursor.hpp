#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"

namespace danwa::domain {

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
