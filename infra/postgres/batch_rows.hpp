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

/// An update row by which a lost commit can be told from one that took place.
struct Witness {
  std::int64_t channel;
  domain::Seq seq;
  domain::Uuid subject;
};

/// The rows that a batch writes: gathered action by action, written by one statement per table. Used by one
/// batch.
class BatchRows {
 public:
  struct Place {
    std::int64_t channel;
    domain::Seq seq;
  };

  /// An update to be written.
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

  /// The next place in the log of `channel`, at the end of which the update is written.
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

  /// Writes all and commits; the last answer is how far the log has come.
  Script script() const;

  std::size_t updates() const { return updates_count_; }

  /// The last update; absent: nothing is written.
  const std::optional<Witness>& witness() const { return witness_; }

 private:
  struct Grown {
    BatchFacts::Channel channel;
    domain::Timestamp at{};
    std::size_t newest = 0;  ///< which update of the batch is its newest
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
