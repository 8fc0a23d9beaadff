#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domain/channel/channel_key.hpp"

namespace danwa::infra {

/// Which Redis channels this node wants, and what a connection has been told of that. Survives connections;
/// takes memory for the channels that are wanted, not for how often they come and go.
/// Runs on: the Redis thread.
class WantedChannels {
 public:
  /// The presence channel is wanted always.
  WantedChannels();

  void want(const domain::ChannelKey& channel);
  void forget(const domain::ChannelKey& channel);

  /// A new connection: it is told of everything that is wanted, and then `recovered` becomes true once.
  void connected();
  void disconnected();

  /// Appends SUBSCRIBE and UNSUBSCRIBE commands until `out` has `enough` bytes or all is told; how many.
  std::size_t write(std::string& out, std::size_t enough);

  /// Redis has answered SUBSCRIBE of this Redis channel. Gives our channel when it was not one of those of
  /// a new connection: from now on its messages come, so what came before must be looked up.
  std::optional<domain::ChannelKey> subscribed(std::string_view redis_channel);

  /// True once for each connection: whatever was wanted when it began is subscribed now.
  bool take_recovered();

 private:
  struct Entry {
    std::optional<domain::ChannelKey> channel;  ///< none: presence
    bool wanted = true;
    bool told = false;        ///< SUBSCRIBE has gone out on this connection
    bool queued = false;      ///< stands in `queue_`
    bool recovering = false;  ///< wanted since before this connection, not yet answered
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  void enqueue(Entries::iterator entry);
  void settle(Entry& entry);

  Entries entries_;
  std::deque<std::string> queue_;  ///< names of what may differ from what was told
  std::size_t recovering_ = 0;     ///< entries
  bool connected_ = false;
  bool recovery_due_ = false;
};

}  // namespace danwa::infra
