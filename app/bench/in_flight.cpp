#include "app/bench/in_flight.hpp"

namespace danwa::bench {

// The answer to a comment and its deliveries come in any order: a watcher is often faster than the 201. So an entry
// begins with whichever comes first, and the comment has left when it is acknowledged and its receivers are complete.
// A comment of somebody else has receivers and no answer; its entry stays, and counts nothing.

InFlight::InFlight(std::size_t limit, std::size_t conversations, std::size_t watchers) : limit_{limit} {
  if (limit == 0) return;
  watchers_.assign(conversations, watchers / conversations);
  for (std::size_t i = 0; i < watchers % conversations; ++i) ++watchers_[i];
}

void InFlight::acknowledged(std::size_t conversation, std::uint64_t seq, std::int64_t now_us) {
  if (limit_ == 0) return;
  const auto one = key(conversation, seq);
  auto& comment = comments_[one];
  if (comment.acknowledged) return ended();  // a seq twice; the ledger reports it
  comment.acknowledged = true;
  waiting_.push_back({now_us, one});
  settle(one);
}

void InFlight::received(std::size_t conversation, std::uint64_t seq) {
  if (limit_ == 0) return;
  const auto one = key(conversation, seq);
  ++comments_[one].receivers;
  settle(one);
}

void InFlight::watcher_gone(std::size_t conversation, std::uint64_t next_seq) {
  if (limit_ == 0 || watchers_[conversation] == 0) return;
  --watchers_[conversation];
  std::vector<std::uint64_t> of_conversation;
  for (auto& [one, comment] : comments_) {
    if (one % watchers_.size() != conversation) continue;
    if (one / watchers_.size() < next_seq && comment.receivers > 0) --comment.receivers;
    of_conversation.push_back(one);
  }
  for (const auto one : of_conversation) settle(one);
}

void InFlight::settle(std::uint64_t one) {
  const auto found = comments_.find(one);
  if (!found->second.acknowledged || found->second.receivers < watchers_[one % watchers_.size()]) return;
  comments_.erase(found);
  ended();
}

void InFlight::expire(std::int64_t now_us) {
  for (; !waiting_.empty() && now_us - waiting_.front().since_us > kPatience; waiting_.pop_front()) {
    const auto found = comments_.find(waiting_.front().key);
    if (found == comments_.end() || !found->second.acknowledged) continue;  // it settled in time
    comments_.erase(found);
    ended();
    ++expired_;
  }
}

}  // namespace danwa::bench
