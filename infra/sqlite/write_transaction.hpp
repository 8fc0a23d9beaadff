#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/persistence/update_row.hpp"
#include "infra/sqlite/channel_book.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/storage/changes.hpp"

namespace danwa::infra {

/// An update row by which a lost commit can be told from one that took place.
struct Witness {
  std::int64_t position;
  domain::Uuid subject;
  domain::Seq seq;
};

/// The writer's transaction, as an action of its batch uses it: the facts and the rows that storage/changes.hpp speaks
/// of. A fact is read when it is asked for, and holds what the earlier actions of the batch did. All throw
/// SQLite::Exception.
struct WriteTransaction {
  Connection& connection;
  ChannelBook& channels;
  std::optional<Witness> last_update;  ///< of the whole batch
  std::optional<domain::Epoch> epoch;  ///< of the log, once somebody has asked
  bool erases = false;                 ///< somebody's text was blanked: it must leave the write-ahead log, too

  /// How far the log has come with what was written so far: the position of the last change, of its commit at most.
  domain::Position position();

  /// Whether `user` may read and change what is in the conversation now; costs nothing where it is open and the book
  /// knows it. Errors: `not-a-member`.
  domain::Result<void> enter(const domain::ChannelKey& channel, const domain::UserId& user);

  domain::Seq head(const domain::ChannelKey& channel) { return channels.look(connection, channel).head; }
  domain::ConversationView view(const domain::ChannelKey& channel, const domain::UserId& user);
  std::optional<domain::Member> member(const domain::ChannelKey& channel, const domain::UserId& user);

  /// Whether nobody but `user` has written in the conversation or is a member.
  bool is_alone(const domain::ChannelKey& channel, const domain::UserId& user);

  /// The authors that domain::ConfigureFacts speaks of.
  std::vector<domain::UserId> outsiders(const domain::ChannelKey& channel);

  std::optional<domain::Comment> comment(const domain::CompanyId& company, const domain::CommentId& id);
  std::optional<domain::EarlierComment> earlier_comment(const storage::Request& request);
  std::optional<domain::EarlierNotification> earlier_notification(const storage::Request& request);

  /// Writes the update of `event`, which is the witness of the transaction then, and makes the channel's row when there
  /// is none; answers the row's id. Throws std::logic_error when the event has another seq than the next.
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

}  // namespace danwa::infra
