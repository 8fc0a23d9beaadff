#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "domain/comment/comment.hpp"
#include "infra/postgres/batch_facts.hpp"
#include "infra/postgres/update_rows.hpp"
#include "usecase/ports/comment_repository.hpp"

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
  struct Place {
    std::int64_t channel;
    domain::Seq seq;
  };

  /// An update to write. The pointers are used during `next` only; null means absent.
  struct Update {
    UpdateType type;
    domain::Timestamp at;
    const domain::Uuid& subject;
    const domain::UserId& author;
    const std::string* about = nullptr;
    const std::string* client_ref = nullptr;
    const std::string* content = nullptr;
  };

  explicit BatchRows(const BatchFacts& facts) : facts_{facts} {}

  /// Appends an update to the log of `channel` and returns its place there.
  Place next(const domain::ChannelKey& channel, const Update& update);

  void insert_comment(const Place& place, const domain::Comment& comment,
                      const std::optional<usecase::IdempotencyKey>& key);
  void replace_comment(const domain::Comment& comment);
  void redact_comment(const Place& place, const domain::Comment& comment);
  void blank_comment(const Place& place, const domain::Comment& comment, domain::Timestamp at);
  void save_member(std::int64_t channel, const domain::Member& member);
  void delete_member(std::int64_t channel, const domain::UserId& user);
  void save_settings(const domain::ChannelKey& channel, const domain::Conversation& next);
  void remember(const Place& place, const domain::Notification& notification, const usecase::IdempotencyKey& key);

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
  Values channel_values() const;
  Array vain_channels() const;

  const BatchFacts& facts_;
  std::size_t updates_count_ = 0;
  std::optional<Witness> witness_;
  std::map<domain::ChannelKey, Grown> grown_;

  struct {
    Array channels, seqs, types, times, subjects, authors, abouts, client_refs, contents;
  } updates_;
  struct {
    Array ids, channels, seqs, versions, created, updated, companies, authors, client_refs, keys, hashes, contents;
  } comments_;
  struct {
    Array ids, versions, updated, contents;
  } edits_;
  struct {
    Array ids, times, channels, seqs;
  } removals_;
  struct {
    Array ids, channels, seqs;
  } redactions_;
  struct {
    Array channels, users, roles, joined, seqs;
  } members_;
  struct {
    Array channels, users;
  } leavers_;
  struct {
    Array companies, senders, keys, hashes, ids, channels, seqs;
  } requests_;
};

}  // namespace danwa::infra::pg
