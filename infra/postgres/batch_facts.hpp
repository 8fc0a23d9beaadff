#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/comment/decisions.hpp"
#include "domain/conversation/conversation.hpp"
#include "domain/conversation/writers.hpp"
#include "domain/notification/notification.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"

namespace danwa::infra::pg {

/// The database state that the actions of one batch depend on. The actions first declare what they need (`need_...`);
/// then one script reads all of it. The script locks the channels in the order of their keys, so that two nodes cannot
/// deadlock, and reads the rest under these locks. Facts that were not declared are not available. Used by one batch.
class BatchFacts {
 public:
  struct Channel {
    std::int64_t id = 0;
    domain::Seq head = 0;
    domain::Visibility visibility = domain::Visibility::open;
    std::optional<domain::ConversationTitle> title{};
    domain::Writers writers{};
    bool has_owner = false;  ///< read only if declared with `need_owner`
  };

  /// Identifies a request by its idempotency key: company, sender, key.
  struct Request {
    domain::CompanyId company;
    domain::UserId sender;
    std::string key;
    friend auto operator<=>(const Request&, const Request&) = default;
  };
  using EarlierComment = domain::EarlierComment;
  using EarlierNotification = domain::EarlierNotification;

  void need_channel(const domain::ChannelKey& channel) { channels_.try_emplace(channel); }
  void need_owner(const domain::ChannelKey& channel) { owners_.try_emplace(channel); }
  void need_other_members(const domain::ChannelKey& channel, const domain::UserId& than) {
    other_members_.try_emplace({channel, than});
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
  bool other_members(const domain::ChannelKey& channel, const domain::UserId& than) const {
    return other_members_.at({channel, than});
  }

  /// Authors of a comment among the last domain::kKeptAuthorsWithin updates who are not members, and whom nobody else
  /// removed from the conversation within these updates. Ordered by id.
  const std::vector<domain::UserId>& outsiders(const domain::ChannelKey& channel) const {
    return outsiders_.at(channel);
  }
  const std::optional<domain::Comment>& comment(const domain::CommentId& id) const { return comments_.at(id); }
  const std::optional<EarlierComment>& earlier_comment(const Request& request) const {
    return earlier_comments_.at(request);
  }
  const std::optional<EarlierNotification>& earlier_notification(const Request& request) const {
    return earlier_notifications_.at(request);
  }

 private:
  void load_channels(const Rows& rows);
  void load_owners(const Rows& rows);
  void load_members(const Rows& rows);
  void load_other_members(const Rows& rows);
  void load_outsiders(const Rows& rows);
  void load_comments(const Rows& rows);
  void load_earlier_comments(const Rows& rows);
  void load_earlier_notifications(const Rows& rows);

  int schema_ = 0;
  domain::Epoch epoch_;
  std::map<domain::ChannelKey, Channel> channels_;
  std::map<domain::ChannelKey, bool> owners_;
  std::map<std::pair<domain::ChannelKey, domain::UserId>, std::optional<domain::Member>> members_;
  std::map<std::pair<domain::ChannelKey, domain::UserId>, bool> other_members_;
  std::map<domain::ChannelKey, std::vector<domain::UserId>> outsiders_;
  std::map<domain::CommentId, std::optional<domain::Comment>> comments_;
  std::map<Request, std::optional<EarlierComment>> earlier_comments_;
  std::map<Request, std::optional<EarlierNotification>> earlier_notifications_;
};

}  // namespace danwa::infra::pg
