#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "domain/channel/cursor.hpp"
#include "domain/comment/comment.hpp"
#include "domain/conversation/conversation.hpp"
#include "domain/core/result.hpp"
#include "domain/update/update.hpp"
#include "usecase/ports/repositories.hpp"

namespace danwa::tests {

/// What the in-memory repositories and update log share: comments, rooms, and the log they cause. Thread
/// safe by `mutex`, which the fakes take.
struct InMemoryLog {
  struct Row {
    domain::Comment comment;
    bool removed = false;
    std::string request_hash = {};  ///< of the idempotency key, when it came with one
  };
  struct Channel {
    std::vector<domain::Update> updates;     ///< updates[i] has seq i + 1
    domain::Seq oldest = 1;                  ///< what is below it is not shown any more
    std::vector<std::uint64_t> positions{};  ///< of each of them in the log as a whole
    domain::Timestamp last_activity;
    std::optional<domain::ConversationTitle> title{};
    domain::Visibility visibility = domain::Visibility::open;
    std::map<domain::UserId, domain::Member> members{};
    domain::Writers writers{};
  };
  using Request = domain::EarlierNotification;
  using Idempotency = std::tuple<domain::CompanyId, domain::UserId, std::string>;

  std::mutex mutex;
  domain::Epoch epoch = "0123456789abcdef0123456789abcdef";
  std::map<domain::ChannelKey, Channel> channels;
  std::map<domain::CommentId, Row> comments;
  std::map<Idempotency, domain::CommentId> keys;
  std::map<Idempotency, Request> notification_keys;
  bool available = true;  ///< false: every call answers `unavailable`

  std::uint64_t position = 0;                 ///< of the newest update
  std::optional<std::uint64_t> replica_at{};  ///< how far the replica has come; absent: as far as the master
  domain::Epoch replica_epoch{};              ///< of the log that the replica follows; empty: of this one
  std::size_t replica_looks = 0;              ///< reads that the replica was asked for
  std::size_t master_reads = 0;               ///< reads that may be served by a replica and were not

  domain::Position now() const { return {epoch, position}; }
  domain::Position replica_now() const {
    return {replica_epoch.empty() ? epoch : replica_epoch, replica_at.value_or(position)};
  }

  std::optional<domain::Errors> refusal() const {
    if (available) return std::nullopt;
    return domain::unavailable("database-busy", "The database cannot answer now.");
  }

  domain::Seq append(const domain::ChannelKey& key, domain::Timestamp at, domain::UpdateBody body) {
    Channel& channel = channels[key];
    const domain::Seq seq = channel.updates.size() + 1;
    channel.updates.push_back(domain::Update{key, seq, at, std::move(body)});
    channel.positions.push_back(++position);
    channel.last_activity = std::max(channel.last_activity, at);
    return seq;
  }

  /// Appends the update of `event`; its seq is the next.
  template <class Event>
  void write(const Event& event) {
    auto update = domain::to_update(event);
    append(update.channel, update.occurred_at, std::move(update.body));
  }

  domain::Seq head(const domain::ChannelKey& key) const {
    const auto found = channels.find(key);
    return found == channels.end() ? 0 : found->second.updates.size();
  }

  /// The head that a database which has come to `shown` has.
  domain::Seq head_at(const domain::ChannelKey& key, std::uint64_t shown) const {
    const auto found = channels.find(key);
    if (found == channels.end()) return 0;
    const auto& all = found->second.positions;
    return static_cast<domain::Seq>(std::upper_bound(all.begin(), all.end(), shown) - all.begin());
  }

  /// The conversation as `user` sees it.
  usecase::ConversationRepository::AccessContext view(const domain::ChannelKey& key, const domain::UserId& user) const {
    domain::Conversation room{key.company, domain::ConversationKey::trusted(key.key), {}, {}};
    const auto found = channels.find(key);
    if (found == channels.end()) return {std::move(room), {}, 0, false, epoch};
    const Channel& channel = found->second;
    room.title = channel.title;
    room.visibility = channel.visibility;
    domain::Membership membership;
    if (const auto member = channel.members.find(user); member != channel.members.end()) {
      membership.role = member->second.role;
    }
    for (const auto& [name, member] : channel.members) {
      if (member.role == domain::MemberRole::owner) membership.has_owner = true;
    }
    return {std::move(room), membership, channel.updates.size(), true, epoch};
  }

  /// Errors: `not-a-member`.
  domain::Result<void> enter(const domain::ChannelKey& key, const domain::UserId& user) const {
    const auto seen = view(key, user);
    return domain::enter(seen.conversation.visibility, seen.membership.role);
  }
};

}  // namespace danwa::tests
