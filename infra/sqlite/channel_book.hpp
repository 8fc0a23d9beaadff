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

/// Ids, heads, visibilities and writers of the channels that were written lately, so that a batch reads a channel's
/// row at most once and writes it once. Right only inside a write transaction: `begin` forgets everything
/// when another connection has written since, `forget` must follow every rollback. Owned by: the writer's
/// thread.
class ChannelBook {
 public:
  struct Place {
    std::int64_t channel;
    domain::Seq seq;
  };

  /// What is known of a channel; `channel` is 0 when it has no row.
  struct Known {
    std::int64_t channel = 0;
    domain::Seq head = 0;
    domain::Visibility visibility = domain::Visibility::open;
  };

  /// To be called first in each transaction.
  void begin(Connection& connection);

  /// The channel as it is now; makes no row.
  Known look(Connection& connection, const domain::ChannelKey& key);

  /// Who has written in the channel up to now.
  const domain::Writers& writers(Connection& connection, const domain::ChannelKey& key);

  /// The next place in the log of `key`, whose row is made when there is none; a comment tells its author. Its last
  /// activity becomes `at`, unless that is earlier than what was shown before.
  Place next(Connection& connection, const domain::ChannelKey& key, domain::Timestamp at,
             const domain::UserId* author = nullptr);

  /// Tells at which position of the log as a whole the update at the place given out last was written.
  void written(std::int64_t position) { latest_->position = position; }

  /// Takes over the visibility that was written into the row of `key`.
  void keep_visibility(const domain::ChannelKey& key, domain::Visibility visibility);

  /// Writes the rows of the channels that have grown.
  void flush(Connection& connection);

  void forget();

  /// How many places were given out; tells whether an action has used the book.
  std::uint64_t given() const { return given_; }

 private:
  struct Entry {
    Known known{};
    domain::Timestamp last_activity{};
    std::int64_t position = 0;  ///< of its newest update
    std::int64_t block = 0;     ///< of that position, as in the row
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
  Entry* latest_ = nullptr;  ///< that has got the place given out last
  std::int64_t data_version_ = -1;
  std::uint64_t given_ = 0;
};

}  // namespace danwa::infra
