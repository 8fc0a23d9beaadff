#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/persistence/rows.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/comment/decisions.hpp"
#include "domain/conversation/conversation.hpp"
#include "infra/postgres/script.hpp"
#include "infra/storage/changes.hpp"

namespace danwa::postgres {

/// The database state that the actions of one batch depend on. The actions first declare what they need (`need_...`);
/// then one script reads all of it. The script locks the channels in the order of their keys, so that two nodes cannot
/// deadlock, and reads the rest under these locks. Facts that were not declared are not available. Used by one batch.
class BatchSnapshot {
 public:
  struct Channel {
    std::int64_t id = 0;
    domain::Seq head = 0;
    domain::Visibility visibility = domain::Visibility::open;
    std::optional<domain::ConversationTitle> title{};
    domain::Writers writers{};
  };

  /// The members of a channel, as far as one user must know of them.
  struct Members {
    bool owner = false;   ///< it has an owner
    bool others = false;  ///< it has a member who is not this user
  };

  using Request = storage::Request;
  using InChannel = std::pair<domain::ChannelKey, domain::UserId>;  ///< a user in a channel

  void need_channel(const domain::ChannelKey& channel) { channels_.try_emplace(channel); }
  void need_view(const domain::ChannelKey& channel, const domain::UserId& user) {
    views_.try_emplace({channel, user});
    need_member(channel, user);
  }
  void need_outsiders(const domain::ChannelKey& channel) { outsiders_.try_emplace(channel); }
  void need_member(const domain::ChannelKey& channel, const domain::UserId& user) {
    members_.try_emplace({channel, user});
  }
  void need_comment(const domain::CommentId& id) { comments_.try_emplace(id); }
  void need_earlier_comment(const Request& request) { earlier_comments_.try_emplace(request); }
  void need_earlier_notification(const Request& request) { earlier_notifications_.try_emplace(request); }

  /// Begins the transaction and reads the facts. `lock_wait` limits each wait for a lock, `limit` each statement.
  Script script(std::chrono::milliseconds lock_wait, std::chrono::milliseconds limit) const;

  /// Reads the answers to the script. Throws std::runtime_error if they do not have the expected shape.
  void load(const std::vector<Rows>& answers);

  const domain::Epoch& epoch() const { return epoch_; }
  int schema() const { return schema_; }  ///< of the database; it cannot change during the transaction
  const Channel& channel(const domain::ChannelKey& channel) const { return channels_.at(channel); }
  const std::map<domain::ChannelKey, Channel>& channels() const { return channels_; }
  const std::optional<domain::Member>& member(const domain::ChannelKey& channel, const domain::UserId& user) const {
    return members_.at({channel, user});
  }

  /// Checks that `user` may read and change the conversation now. Errors: `not-a-member`.
  domain::Result<void> enter(const domain::ChannelKey& channel, const domain::UserId& user) const;

  /// The conversation as `user` sees it. A row without an update is a lock that was created a moment ago.
  domain::ConversationView view(const domain::ChannelKey& channel, const domain::UserId& user) const;

  /// True if nobody except `user` has written in the conversation or is a member.
  bool is_alone(const domain::ChannelKey& channel, const domain::UserId& user) const {
    return !views_.at({channel, user}).others && !channels_.at(channel).writers.others_than(user);
  }

  /// The authors for domain::ConfigureFacts.
  const std::vector<domain::UserId>& outsiders(const domain::ChannelKey& channel) const {
    return outsiders_.at(channel);
  }

  /// The comment, unless it is removed or of another company.
  std::optional<domain::Comment> comment(const domain::CompanyId& company, const domain::CommentId& id) const {
    const auto& found = comments_.at(id);
    return found && found->company == company ? found : std::nullopt;
  }
  const std::optional<domain::EarlierComment>& earlier_comment(const Request& request) const {
    return earlier_comments_.at(request);
  }
  const std::optional<domain::EarlierNotification>& earlier_notification(const Request& request) const {
    return earlier_notifications_.at(request);
  }

 private:
  void load_channels(const Rows& rows);
  void load_comments(const Rows& rows);

  int schema_ = 0;
  domain::Epoch epoch_;
  std::map<domain::ChannelKey, Channel> channels_;
  std::map<InChannel, Members> views_;
  std::map<InChannel, std::optional<domain::Member>> members_;
  std::map<domain::ChannelKey, std::vector<domain::UserId>> outsiders_;
  std::map<domain::CommentId, std::optional<domain::Comment>> comments_;
  std::map<Request, std::optional<domain::EarlierComment>> earlier_comments_;
  std::map<Request, std::optional<domain::EarlierNotification>> earlier_notifications_;
};

/// Identifies an update row of a batch. If the connection is lost during the commit, the presence of this row shows
/// that the commit took place.
struct CommitMarker {
  std::int64_t channel;
  domain::Seq seq;
  domain::Uuid subject;
};

/// Collects the rows that the actions of a batch write. A few statements write them, however many actions there are.
/// Used by one batch.
class BatchRows {
 public:
  explicit BatchRows(const BatchSnapshot& facts) : facts_{facts} {}

  /// The head of `channel` after the updates that were appended.
  domain::Seq head(const domain::ChannelKey& channel) const;

  /// Appends the update of `event` to its channel. Returns the channel's id. Throws std::logic_error if the seq of the
  /// event is not the next one.
  template <class Event>
  std::int64_t append(const Event& event) {
    return append_update(adapters::row_of(event));
  }

  // Each of these also appends its update. `added_seq` is the seq of the comment's first update.
  void insert_comment(const domain::Comment& comment, const std::optional<domain::IdempotencyKey>& key);
  void replace_comment(const domain::CommentModified& modified);
  void remove_comment(const domain::CommentRemoved& removed, domain::Seq added_seq);
  void insert_notification(const domain::Notification& notification, const std::optional<domain::IdempotencyKey>& key);

  void save_member(std::int64_t channel, const domain::Member& member);
  void delete_member(std::int64_t channel, const domain::UserId& user);
  void save_settings(const domain::ChannelKey& channel, const domain::Conversation& next);  ///< after their update

  /// The statements that write all rows and commit. The last answer is the end of the log after the commit.
  Script script() const;

  std::size_t updates() const { return updates_count_; }

  /// The last update; absent if the batch writes none.
  const std::optional<CommitMarker>& marker() const { return marker_; }

 private:
  struct Grown {
    BatchSnapshot::Channel channel;
    domain::Timestamp at{};
    std::size_t newest = 0;  ///< index of its newest update within the batch
  };
  std::int64_t append_update(const adapters::NewUpdate& update);
  void blank(const domain::CommentId& id, domain::Timestamp at, std::int64_t channel, domain::Seq added_seq,
             adapters::UpdateType type);
  Values channel_values() const;
  Array vain_channels() const;

  const BatchSnapshot& facts_;
  std::size_t updates_count_ = 0;
  std::optional<CommitMarker> marker_;
  std::map<domain::ChannelKey, Grown> grown_;

  Columns<9> updates_;
  Columns<12> comments_;
  Columns<4> edits_;
  Columns<5> blanks_;  ///< comments, when, and their first updates
  Columns<5> members_;
  Columns<2> leavers_;
  Columns<7> requests_;
};

// Looks up the outcome of a transaction whose commit was not acknowledged. The row of its channel is locked first,
// which waits until that transaction has ended. The lock also makes the lookup a transaction that waits for a
// synchronous standby, so a positive outcome is as safe as an acknowledged commit.

Script outcome_script(const CommitMarker& marker);

/// True if the answers contain the commit marker.
bool took_place(const std::vector<Rows>& answers);
/// The end of the log, from the answers.
domain::Position outcome_position(const std::vector<Rows>& answers);

}  // namespace danwa::postgres
