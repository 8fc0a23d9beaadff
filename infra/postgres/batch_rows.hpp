#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "adapters/persistence/update_row.hpp"
#include "domain/comment/decisions.hpp"
#include "infra/postgres/batch_facts.hpp"

namespace danwa::infra::pg {

/// Identifies an update row of a batch. If the connection is lost during the commit, the presence of this row shows
/// that the commit took place.
struct Witness {
  std::int64_t channel;
  domain::Seq seq;
  domain::Uuid subject;
};

/// Collects the rows that the actions of a batch write. A few statements write them, however many actions there are.
/// Used by one batch.
class BatchRows {
 public:
  explicit BatchRows(const BatchFacts& facts) : facts_{facts} {}

  /// The head of `channel` behind the updates that were appended.
  domain::Seq head(const domain::ChannelKey& channel) const;

  /// The update of `event` grows its channel to its seq; answers the channel's id. Throws std::logic_error when another
  /// seq is the next.
  template <class Event>
  std::int64_t append(const Event& event) {
    return append_update(adapters::row_of(event));
  }

  // Each with its update. `added_seq`: of the comment's first update.
  void insert_comment(const domain::Comment& comment, const std::optional<domain::IdempotencyKey>& key);
  void replace_comment(const domain::CommentModified& modified);
  void remove_comment(const domain::CommentRemoved& removed, domain::Seq added_seq);
  void insert_notification(const domain::Notification& notification, const std::optional<domain::IdempotencyKey>& key);

  void save_member(std::int64_t channel, const domain::Member& member);
  void delete_member(std::int64_t channel, const domain::UserId& user);
  void save_settings(const domain::ChannelKey& channel, const domain::Conversation& next);  ///< behind their update

  /// The statements that write all rows and commit. The last answer is the end of the log after the commit.
  Script script() const;

  std::size_t updates() const { return updates_count_; }

  /// The last update; absent if the batch writes none.
  const std::optional<Witness>& witness() const { return witness_; }

 private:
  struct Grown {
    BatchFacts::Channel channel;
    domain::Timestamp at{};
    std::size_t newest = 0;  ///< index of its newest update within the batch
  };
  std::int64_t append_update(const adapters::NewUpdate& update);
  Values channel_values() const;
  Array vain_channels() const;

  const BatchFacts& facts_;
  std::size_t updates_count_ = 0;
  std::optional<Witness> witness_;
  std::map<domain::ChannelKey, Grown> grown_;

  Columns<9> updates_;
  Columns<12> comments_;
  Columns<4> edits_;
  Columns<2> removals_;     ///< comments, and when
  Columns<1> removed_ids_;  ///< the same comments
  Columns<2> removed_;      ///< their first updates
  Columns<1> redactions_;   ///< comments
  Columns<2> redacted_;     ///< their first updates
  Columns<5> members_;
  Columns<2> leavers_;
  Columns<7> requests_;
};

}  // namespace danwa::infra::pg
