#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/conversation/conversation.hpp"
#include "domain/conversation/writers.hpp"
#include "domain/core/time.hpp"
#include "infra/sqlite/connection.hpp"

namespace danwa::infra {

/// Cache of the ids, heads, visibilities and writers of channels that were written recently, so that a batch reads a
/// channel's row at most once and writes it once. Valid only inside a write transaction: `begin` clears it if another
/// connection has written since, and `forget` must follow every rollback. Owned by: the writer's thread.
class ChannelBook {
 public:
  struct Place {
    std::int64_t channel;
    domain::Seq seq;
  };

  /// The cached state of a channel; `channel` is 0 if it has no row.
  struct Known {
    std::int64_t channel = 0;
    domain::Seq head = 0;
    domain::Visibility visibility = domain::Visibility::open;
  };

  /// Must be called first in each transaction.
  void begin(Connection& connection);

  /// The channel as it is now; creates no row.
  Known look(Connection& connection, const domain::ChannelKey& key);

  /// The writers of comments in the channel so far.
  const domain::Writers& writers(Connection& connection, const domain::ChannelKey& key);

  /// Reserves the next place in the log of `key`, and creates the channel's row if there is none. `author` is given for
  /// a comment. The last activity becomes `at`, unless a later one is known.
  Place next(Connection& connection, const domain::ChannelKey& key, domain::Timestamp at,
             const domain::UserId* author = nullptr);

  /// Records the global position of the update at the place that was reserved last.
  void written(std::int64_t position) { latest_->position = position; }

  /// Records the visibility that was written into the row of `key`.
  void keep_visibility(const domain::ChannelKey& key, domain::Visibility visibility);

  /// Writes the rows of the channels that have grown.
  void flush(Connection& connection);

  void forget();

  /// Number of places reserved so far; shows whether an action has used the cache.
  std::uint64_t given() const { return given_; }

 private:
  struct Entry {
    Known known{};
    domain::Timestamp last_activity{};
    std::int64_t position = 0;  ///< of its newest update
    std::int64_t block = 0;     ///< of that position, as stored in the row
    domain::Writers writers{};
    bool writers_dirty = false;
    bool dirty = false;
  };

  Entry& entry_of(Connection& connection, const domain::ChannelKey& key);
  static Entry load(Connection& connection, const domain::ChannelKey& key);
  static void insert(Connection& connection, const domain::ChannelKey& key, Entry& entry);
  static void write(Connection& connection, Entry& entry);

  std::unordered_map<domain::ChannelKey, Entry> entries_;
  std::vector<Entry*> dirty_;
  Entry* latest_ = nullptr;  ///< has got the place that was reserved last
  std::int64_t data_version_ = -1;
  std::uint64_t given_ = 0;
};

}  // namespace danwa::infra
