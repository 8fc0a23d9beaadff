#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domain/channel/channel_key.hpp"

namespace danwa::infra {

/// The Redis channels that this node wants, and those that the current connection has subscribed. It survives
/// connections. Its memory depends on the number of wanted channels, not on how often they change.
/// Runs on: the Redis thread.
class WantedChannels {
 public:
  /// The presence channel is always wanted.
  WantedChannels();

  void want(const domain::ChannelKey& channel);
  void forget(const domain::ChannelKey& channel);

  /// A new connection: `write` subscribes to every wanted channel. After all are answered, `take_recovered` is true
  /// once.
  void connected();
  void disconnected();

  /// Appends SUBSCRIBE and UNSUBSCRIBE commands until `out` has `enough` bytes or no change is left. Returns their
  /// number.
  std::size_t write(std::string& out, std::size_t enough);

  /// Redis has answered SUBSCRIBE of this Redis channel. Its messages come from now on, so the log must be checked for
  /// earlier ones. Returns the danwa channel to check; nullopt if `take_recovered` will cover it.
  std::optional<domain::ChannelKey> subscribed(std::string_view redis_channel);

  /// True once per connection: every channel that was wanted at its start is subscribed.
  bool take_recovered();

 private:
  struct Entry {
    std::optional<domain::ChannelKey> channel;  ///< none: presence
    bool wanted = true;
    bool told = false;        ///< SUBSCRIBE was sent on this connection
    bool queued = false;      ///< is in `queue_`
    bool recovering = false;  ///< wanted at the start of this connection and not answered yet
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  void enqueue(Entries::iterator entry);
  void settle(Entry& entry);

  Entries entries_;
  std::deque<std::string> queue_;  ///< names of entries whose `wanted` may differ from `told`
  std::size_t recovering_ = 0;     ///< entries that are recovering
  bool connected_ = false;
  bool recovery_due_ = false;
};

}  // namespace danwa::infra
