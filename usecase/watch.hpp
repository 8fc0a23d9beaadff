#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "usecase/ports/freshness.hpp"

namespace danwa::usecase {

/// What a slow watcher gets for the updates that slid out of its buffer: all of them, read from the log,
/// or one note of the range that it missed.
enum class Delivery { complete, latest };

/// One channel of a watch.
struct WatchedChannel {
  domain::ChannelKey channel;
  std::optional<domain::Cursor> after;  ///< absent: from now
  ReadFrom now = ReadFrom::replica;     ///< who tells where that is, if somebody must
};

/// Whose right to watch a conversation may end while they do. What was allowed at the log's `checked_through`
/// is looked up again before anything is delivered that lies behind an update above it which may end the
/// right: that user's leaving, or the conversation becoming private.
struct AccessGuard {
  domain::CompanyId company;
  domain::ConversationKey conversation;
  domain::UserId user;
  domain::Seq checked_through = 0;
  domain::Epoch epoch{};  ///< of the log that it counts in; empty: not known
};

/// A watch that was allowed: what the delivery machinery needs to start it.
struct Watch {
  static constexpr std::size_t kMaxChannels = 66;  ///< a person's own, the company's, 64 stores

  std::vector<WatchedChannel> channels;  ///< 1 to kMaxChannels, all different, of one company
  Delivery delivery = Delivery::complete;
  bool merged = false;                       ///< told as one stream of inboxes, with a merged cursor
  std::optional<AccessGuard> guard{};        ///< of the first channel
  std::optional<domain::UserId> presence{};  ///< counts as the presence of this person in the first channel

  static Watch of(domain::ChannelKey channel, std::optional<domain::Cursor> after,
                  Delivery delivery = Delivery::complete) {
    return Watch{{{std::move(channel), std::move(after)}}, delivery};
  }

  const domain::ChannelKey& channel() const { return channels.front().channel; }
};

}  // namespace danwa::usecase
