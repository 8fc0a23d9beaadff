#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/delivery/frame.hpp"
#include "domain/channel/merged_cursor.hpp"

namespace danwa::adapters {

/// Where a merged watch stands: its channels, by ChannelKey::local_name, in the order of the watch.
struct MergedPosition {
  std::vector<std::string> channels;
  domain::MergedCursor cursor;

  domain::Seq in(const domain::ChannelKey& channel) const;
};

/// `watching {channels, cursor, node}`: the first frame of every merged watch. As a frame it is of `first`.
FramePtr encode_watching(const domain::ChannelKey& first, const MergedPosition& position, std::string_view node);

/// `reset {channel, channels, cursor}`: load `channel` afresh, then watch all of them after `cursor`.
FramePtr encode_reset(const domain::ChannelKey& channel, const MergedPosition& position);

/// The merged cursor in a `watching` or `reset` frame; nothing for other frames and other watches.
std::optional<domain::MergedCursor> merged_cursor_of(const Frame& frame);

}  // namespace danwa::adapters
