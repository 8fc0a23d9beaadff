#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/conversation/writers.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"
#include "infra/storage/changes.hpp"

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

  using Request = storage::Request;
  using InChannel = std::pair<domain::ChannelKey, domain::UserId>;  ///< somebody in a channel

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

  /// Whether `user` may read and change what is in the conversation now. Errors: `not-a-member`.
  domain::Result<void> enter(const domain::ChannelKey& channel, const domain::UserId& user) const;

  /// The conversation as `user` sees it. A row without an update was made a moment ago, as a lock.
  domain::ConversationView view(const domain::ChannelKey& channel, const domain::UserId& user) const;

  /// Whether nobody but `user` has written in the conversation or is a member.
  bool is_alone(const domain::ChannelKey& channel, const domain::UserId& user) const {
    return !other_members_.at({channel, user}) && !channels_.at(channel).writers.others_than(user);
  }

  /// The authors that domain::ConfigureFacts speaks of.
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
  std::map<domain::ChannelKey, bool> owners_;
  std::map<InChannel, std::optional<domain::Member>> members_;
  std::map<InChannel, bool> other_members_;
  std::map<domain::ChannelKey, std::vector<domain::UserId>> outsiders_;
  std::map<domain::CommentId, std::optional<domain::Comment>> comments_;
  std::map<Request, std::optional<domain::EarlierComment>> earlier_comments_;
  std::map<Request, std::optional<domain::EarlierNotification>> earlier_notifications_;
};

}  // namespace danwa::infra::pg
