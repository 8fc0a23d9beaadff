#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "usecase/ports/freshness.hpp"

namespace danwa::usecase {

/// How a slow watcher gets the updates that slid out of its buffer: all of them, read from the log, or one note with
/// the missed range.
enum class Delivery { complete, latest };

/// One channel of a watch.
struct WatchedChannel {
  domain::ChannelKey channel;
  std::optional<domain::Cursor> after;   ///< absent: from now on
  ReadFrom now = ReadFrom::replica;      ///< where "now" is read, if `after` is absent
  std::optional<domain::Cursor> head{};  ///< of the log, as the access check found it; serves as "now"
};

/// Access to a conversation that may end during a watch. It was granted as of `checked_through`. A later update that
/// can revoke it (the user leaves, or the conversation becomes private) blocks delivery until access is checked again.
struct AccessGuard {
  domain::CompanyId company;
  domain::ConversationKey conversation;
  domain::UserId user;
  domain::Seq checked_through = 0;
  domain::Epoch epoch{};  ///< of the log that counts `checked_through`; empty: not known
};

/// A permitted watch, with everything that the delivery engine needs to start it.
struct Watch {
  static constexpr std::size_t kMaxChannels = 66;  ///< a person's own, the company's, 64 stores

  std::vector<WatchedChannel> channels;  ///< 1 to kMaxChannels, all different, of one company
  Delivery delivery = Delivery::complete;
  bool merged = false;                       ///< delivered as one stream of inboxes, with a merged cursor
  std::optional<AccessGuard> guard{};        ///< of the first channel
  std::optional<domain::UserId> presence{};  ///< counts as presence of this user in the first channel

  static Watch of(domain::ChannelKey channel, std::optional<domain::Cursor> after,
                  Delivery delivery = Delivery::complete) {
    return Watch{{{std::move(channel), std::move(after)}}, delivery};
  }

  const domain::ChannelKey& channel() const { return channels.front().channel; }
};

}  // namespace danwa::usecase
