#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "domain/core/result.hpp"
#include "support/frames.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/delivery/router_table.hpp"
#include "usecase/delivery/tail_cache.hpp"
#include "usecase/ports/credentials.hpp"

namespace danwa::simulation {

using delivery::Time;
using std::chrono::microseconds;
using std::chrono::milliseconds;

/// SplitMix64: every choice of a run comes from here, so a seed is a run.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_{seed} {}

  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  microseconds up_to(microseconds most) { return microseconds{below(static_cast<std::uint64_t>(most.count()) + 1)}; }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

/// Virtual time and what happens in it, in order; equal times in the order they were planned.
class Timeline {
 public:
  Time now() const { return now_; }
  void at(Time time, std::function<void()> action) {
    queue_.push({time < now_ ? now_ : time, ++count_, std::move(action)});
  }
  void after(microseconds delay, std::function<void()> action) { at(now_ + delay, std::move(action)); }

  void run_until(Time end) {
    while (!queue_.empty() && queue_.top().time <= end) {
      now_ = queue_.top().time;
      auto action = std::move(const_cast<Entry&>(queue_.top()).action);
      queue_.pop();
      action();
    }
    now_ = end;
  }

 private:
  struct Entry {
    Time time;
    std::uint64_t order;
    std::function<void()> action;
    bool operator<(const Entry& other) const { return time != other.time ? time > other.time : order > other.order; }
  };
  Time now_{};
  std::uint64_t count_ = 0;
  std::priority_queue<Entry> queue_;
};

/// Who may see a room: everybody, or once it is closed its members alone.
struct Membership {
  bool closed = false;
  unsigned members = 0;  ///< a bit each

  bool admits(std::size_t member) const { return !closed || (members >> member & 1U) != 0; }
};

struct Row {
  domain::Update update;
  Time at;                         ///< of its commit
  std::optional<Time> removed_at;  ///< when its text was blanked, by a removal or a redacting edit
  Membership membership;           ///< of its channel from here on
};

/// The log: the oracle of every check. Keeps all epochs, and what a lagging replica would show. Its first
/// channels are rooms, which people join and leave; the others are the inboxes of one person.
class Log {
 public:
  static constexpr std::size_t kRooms = 3, kInboxes = 3, kChannels = kRooms + kInboxes, kMembers = 3;

  Log() { epochs_.push_back({"e0", Time{}, std::vector<std::vector<Row>>(kChannels)}); }

  struct EpochLog {
    domain::Epoch epoch;
    Time since;
    std::vector<std::vector<Row>> channels;
  };

  static domain::ChannelKey key(std::size_t channel) {
    const auto kind = channel < kRooms ? 0 : channel - kRooms + 1;
    return {domain::CompanyId::trusted("demo"), static_cast<domain::ChannelKind>(kind),
            std::string(1, static_cast<char>('a' + channel))};
  }
  static std::size_t index(const domain::ChannelKey& key) { return static_cast<std::size_t>(key.key[0] - 'a'); }
  static domain::UserId member(std::size_t number) { return domain::UserId::trusted("m" + std::to_string(number)); }
  static std::size_t number_of(const domain::UserId& member) { return std::stoul(member.value().substr(1)); }

  delivery::FramePtr add(std::size_t channel, Time now) {
    domain::Uuid::Bytes bytes{};
    ++comments_;
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(comments_ >> (8 * i));
    return append(channel, domain::CommentAdded{{domain::Uuid{bytes}}, author(), text(), std::nullopt}, now);
  }

  /// Edits, redacts or removes some comment of the channel; null when there is none.
  delivery::FramePtr change(std::size_t channel, bool remove, Dice& dice, Time now) {
    auto& rows = present().channels[channel];
    if (rows.empty()) return nullptr;
    const Row& row = rows[rows.size() - 1 - dice.below(std::min<std::size_t>(rows.size(), 24))];
    if (row.removed_at || std::holds_alternative<domain::CommentDeleted>(row.update.body)) return nullptr;
    const auto comment = comment_of(row.update);
    if (comment == domain::CommentId{}) return nullptr;
    const bool redacts = !remove && dice.chance(40);
    if (!remove && !redacts) return append(channel, domain::CommentUpdated{comment, author(), text()}, now);
    for (auto& each : rows) {
      if (comment_of(each.update) == comment && !each.removed_at) each.removed_at = now;
    }
    if (redacts) return append(channel, domain::CommentUpdated{comment, author(), text(), true}, now);
    return append(channel, domain::CommentDeleted{comment, author(), author()}, now);
  }

  /// Somebody joins or leaves the room, or it is closed or opened.
  delivery::FramePtr change_membership(std::size_t room, Dice& dice, Time now) {
    const auto who = dice.below(kMembers);
    const domain::UserId user = member(who);
    const Membership before = membership(present(), room, head(room));
    if (dice.chance(30)) {
      const auto visibility = before.closed ? domain::Visibility::open : domain::Visibility::restricted;
      return append(room, domain::ConversationUpdated{{}, std::nullopt, visibility, user}, now);
    }
    if (before.members >> who & 1U) return append(room, domain::MemberRemoved{{}, user, user}, now);
    return append(room, domain::MemberAdded{{}, user, user}, now);
  }

  /// The log is restored to an older state, under a new name.
  void restore(Dice& dice, Time now) {
    EpochLog next{"e" + std::to_string(epochs_.size()), now, present().channels};
    for (auto& rows : next.channels) {
      for (auto lost = dice.below(std::min<std::size_t>(rows.size() + 1, 12)); lost > 0; --lost) rows.pop_back();
    }
    epochs_.push_back(std::move(next));
  }

  EpochLog& present() { return epochs_.back(); }
  const EpochLog& present() const { return epochs_.back(); }
  const EpochLog& seen_at(Time view) const {
    std::size_t i = epochs_.size() - 1;
    while (i > 0 && epochs_[i].since > view) --i;
    return epochs_[i];
  }
  domain::Seq head(std::size_t channel) const { return epochs_.back().channels[channel].size(); }
  const Row* find(const domain::Epoch& epoch, std::size_t channel, domain::Seq seq) const {
    const auto& rows = epochs_[std::stoul(epoch.substr(1))].channels[channel];
    return seq == 0 || seq > rows.size() ? nullptr : &rows[seq - 1];
  }

  /// Whether this member may enter the room now, and how far the log has come.
  usecase::AccessCheck::Answer look_up(std::size_t room, std::size_t who) const {
    return {membership(epochs_.back(), room, head(room)).admits(who), head(room), epochs_.back().epoch};
  }

  /// Whether update `seq` may be shown to this member, who had the right before it, or has it again since.
  bool may_see(const domain::Epoch& epoch, std::size_t room, std::size_t who, domain::Seq seq) const {
    const auto& log = epochs_[std::stoul(epoch.substr(1))];
    for (auto at = seq - 1; at <= log.channels[room].size(); ++at) {
      if (membership(log, room, at).admits(who)) return true;
    }
    return false;
  }

  /// Since when this member has had no right; nothing: they have it.
  std::optional<Time> revoked_since(std::size_t room, std::size_t who) const {
    const auto& log = epochs_.back();
    std::optional<Time> since;
    for (auto at = head(room); at > 0 && !membership(log, room, at).admits(who); --at)
      since = log.channels[room][at - 1].at;
    return since ? std::optional{std::max(*since, log.since)} : std::nullopt;
  }

  usecase::UpdateLog::Head read_head(std::size_t channel, Time view) const {
    const auto& log = seen_at(view);
    return {log.epoch, visible(log.channels[channel], view)};
  }

  delivery::LogPage read(const delivery::ReadUpdateRange& range, Time view) const {
    const auto& log = seen_at(view);
    const auto& rows = log.channels[index(range.channel)];
    delivery::LogPage page{{}, visible(rows, view), log.epoch};
    for (auto seq = range.first; seq <= std::min(range.last, page.head) && page.frames.size() < range.limit; ++seq) {
      page.frames.push_back(tests::encode_update(as_read(rows[seq - 1], view)));
    }
    return page;
  }

  static domain::CommentId comment_of(const domain::Update& update) {
    return std::visit(domain::Overloaded{
                          [](const domain::CommentAdded& body) { return body.comment; },
                          [](const domain::CommentUpdated& body) { return body.comment; },
                          [](const domain::CommentDeleted& body) { return body.comment; },
                          [](const auto&) { return domain::CommentId{}; },
                      },
                      update.body);
  }

 private:
  static Membership membership(const EpochLog& log, std::size_t room, domain::Seq at) {
    return at == 0 ? Membership{} : log.channels[room][at - 1].membership;
  }
  static domain::UserId author() { return domain::UserId::trusted("u"); }
  static domain::CommentContent text() { return domain::CommentContent::trusted("secret"); }

  delivery::FramePtr append(std::size_t channel, domain::UpdateBody body, Time now) {
    auto& rows = present().channels[channel];
    Membership after = membership(present(), channel, rows.size());
    if (const auto* joined = std::get_if<domain::MemberAdded>(&body)) after.members |= 1U << number_of(joined->user);
    if (const auto* left = std::get_if<domain::MemberRemoved>(&body)) after.members &= ~(1U << number_of(left->user));
    if (const auto* changed = std::get_if<domain::ConversationUpdated>(&body)) {
      after.closed = changed->visibility == domain::Visibility::restricted;
    }
    rows.push_back({{key(channel), rows.size() + 1, {}, std::move(body)}, now, std::nullopt, after});
    return tests::encode_update(rows.back().update, present().epoch);
  }

  static domain::Seq visible(const std::vector<Row>& rows, Time view) {
    auto count = rows.size();
    while (count > 0 && rows[count - 1].at > view) --count;
    return count;
  }

  static domain::Update as_read(const Row& row, Time view) {
    domain::Update update = row.update;
    if (!row.removed_at || *row.removed_at > view) return update;
    if (auto* added = std::get_if<domain::CommentAdded>(&update.body)) added->content.reset();
    if (auto* updated = std::get_if<domain::CommentUpdated>(&update.body)) updated->content.reset();
    return update;
  }

  std::vector<EpochLog> epochs_;
  std::uint64_t comments_ = 0;
};

}  // namespace danwa::simulation
