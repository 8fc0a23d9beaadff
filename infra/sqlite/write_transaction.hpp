#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "adapters/persistence/rows.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/conversation/conversation.hpp"
#include "domain/core/time.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/storage/changes.hpp"

namespace danwa::sqlite {

/// Cache of the ids, heads, visibilities and writers of channels that were written recently, so that a batch reads a
/// channel's row at most once and writes it once. Valid only inside a write transaction: `begin` clears it if another
/// connection has written since, and `forget` must follow every rollback. Owned by: the writer's thread.
class ChannelHeadCache {
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
  Entry* latest_ = nullptr;  ///< holds the place that was reserved last
  std::int64_t data_version_ = -1;
  std::uint64_t given_ = 0;
};

/// The last update row of a batch. If a commit is lost, its presence shows that the commit took place.
struct CommitMarker {
  std::int64_t position;
  domain::Uuid subject;
  domain::Seq seq;
};

/// The writer's transaction, as an action of its batch uses it: the facts and the rows of storage/changes.hpp. A fact
/// is read when it is needed, and includes the changes of earlier actions of the batch. All functions throw
/// SQLite::Exception.
struct WriteTransaction {
  Connection& connection;
  ChannelHeadCache& channels;
  std::optional<CommitMarker> last_update;  ///< of the whole batch
  std::optional<domain::Epoch> epoch;       ///< of the log; read when it is first needed
  bool erases = false;                      ///< a text was blanked, and must leave the write-ahead log, too

  /// The position of the last change of this transaction, or of the newest row if nothing was changed. It is at most
  /// that of the commit.
  domain::Position position();

  /// Checks that `user` may read and change the conversation now. Costs no query if the conversation is open and
  /// cached. Errors: `not-a-member`.
  domain::Result<void> enter(const domain::ChannelKey& channel, const domain::UserId& user);

  domain::Seq head(const domain::ChannelKey& channel) { return channels.look(connection, channel).head; }
  domain::ConversationView view(const domain::ChannelKey& channel, const domain::UserId& user);
  std::optional<domain::Member> member(const domain::ChannelKey& channel, const domain::UserId& user);

  /// True if nobody except `user` has written in the conversation or is a member.
  bool is_alone(const domain::ChannelKey& channel, const domain::UserId& user);

  /// The authors for domain::ConfigureFacts.
  std::vector<domain::UserId> outsiders(const domain::ChannelKey& channel);

  std::optional<domain::Comment> comment(const domain::CompanyId& company, const domain::CommentId& id);
  std::optional<domain::EarlierComment> earlier_comment(const storage::Request& request);
  std::optional<domain::EarlierNotification> earlier_notification(const storage::Request& request);

  /// Writes the update of `event`, which becomes the commit marker, and creates the channel's row if there is none.
  /// Returns the row's id. Throws std::logic_error if the seq of the event is not the next one.
  template <class Event>
  std::int64_t append(const Event& event) {
    const auto update = adapters::row_of(event);
    const auto channel = grow(update);
    insert_update(channel, update);
    return channel;
  }

  void insert_comment(const domain::Comment& comment, const std::optional<domain::IdempotencyKey>& key);
  void replace_comment(const domain::CommentModified& modified);
  void remove_comment(const domain::CommentRemoved& removed, domain::Seq added_seq);
  void insert_notification(const domain::Notification& notification, const std::optional<domain::IdempotencyKey>& key);

  void save_member(std::int64_t channel, const domain::Member& member);  ///< adds one, or changes the role
  void delete_member(std::int64_t channel, const domain::UserId& user);
  void save_settings(const domain::ChannelKey& channel, const domain::Conversation& next);

 private:
  std::int64_t grow(const adapters::NewUpdate& update);
  void insert_update(std::int64_t channel, const adapters::NewUpdate& update);
  void blank_updates(std::int64_t channel, domain::Seq added_seq, const domain::CommentId& id,
                     adapters::UpdateType first);
};

}  // namespace danwa::sqlite
