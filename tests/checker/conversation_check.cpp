#include "checker/conversation_check.hpp"

#include <algorithm>
#include <unordered_set>

namespace danwa::checker {
namespace {

constexpr std::int64_t kToGo = 1'000'000;  // us: how long a text may be shown that was taken

std::string number(std::uint64_t seq) { return "seq " + std::to_string(seq); }

}  // namespace

void ConversationCheck::run() {
  learn_posts();
  learn_takes();
  check_log();
  check_watchers();
  check_real_time();
}

void ConversationCheck::learn_posts() {
  for (const auto* event : events_) {
    if (event->op != Op::post) continue;
    ++verdict_.checked_posts;
    const auto [sent, fresh] = sent_.emplace(event->hash, event->result);
    if (!fresh && event->result == Result::ok) sent->second = Result::ok;
    if (event->result != Result::ok) continue;
    const auto [at, first] = known_.emplace(event->seq, Known{event->id, event->hash, event->end});
    if (!first && at->second.id != event->id)
      wrong("doubled", number(event->seq) + " was acknowledged for two comments");
    head_ = std::max(head_, event->seq);
  }
}

void ConversationCheck::learn_takes() {
  for (const auto* event : events_) {
    if (event->op != Op::take) continue;
    Take& last = takes_[event->id];
    if (event->seq > last.seq) last = Take{event->seq, event->end};
  }
}

/// A text is there until it is taken, and gone a second later; from the log at once.
void ConversationCheck::check_taken(const Event& event, const char* where) {
  const auto take = takes_.find(event.id);
  const bool taken = take != takes_.end() && take->second.seq > event.seq;
  if (event.hash.empty() && event.has_text && !taken) {
    wrong("vanished", number(event.seq) + " in " + where + " has lost its text, which nobody took");
  }
  const bool over = event.op == Op::log && event.start == 0;  // read when all was over
  const auto to_go = event.op == Op::log ? 0 : kToGo;
  if (!event.hash.empty() && taken && (over || event.start > take->second.end + to_go)) {
    wrong("shown", number(event.seq) + " in " + where + " shows a text that was taken");
  }
}

void ConversationCheck::check_text(const Event& event, const char* where) {
  check_taken(event, where);
  const auto [at, fresh] = known_.emplace(event.seq, Known{event.id, event.hash, 0});
  Known& known = at->second;
  const bool both = !known.hash.empty() && !event.hash.empty();
  if (!fresh && (known.id != event.id || (both && known.hash != event.hash))) {
    wrong("swapped", number(event.seq) + " is another comment in " + where);
  }
  if (known.hash.empty()) known.hash = event.hash;
  if (sent_.empty() || event.hash.empty() || !event.is_added) return;
  const auto sent = sent_.find(event.hash);
  if (sent == sent_.end()) {
    wrong("foreign", number(event.seq) + " in " + where + " has a text that nobody sent there");
  } else if (sent->second == Result::refused) {
    wrong("foreign", number(event.seq) + " in " + where + " has a text that was refused");
  }
}

void ConversationCheck::check_log() {
  std::map<std::uint64_t, const Event*> log;
  std::unordered_set<std::string> ids;
  std::unordered_set<std::string> hashes;
  for (const auto* event : events_) {
    if (event->op != Op::log) continue;
    ++verdict_.checked_log;
    if (!log.emplace(event->seq, event).second) wrong("doubled", number(event->seq) + " stands in the log twice");
    const bool known_text = !event->hash.empty() && !hashes.insert(event->hash).second;
    if (known_text || (event->is_added && !ids.insert(event->id).second)) {
      wrong("doubled", number(event->seq) + " holds a comment that the log has already");
    }
    check_text(*event, "the log");
  }
  if (log.empty()) return;
  std::uint64_t expected = 1;
  for (const auto& [seq, event] : log) {
    if (seq != expected) wrong("hole", "the log goes from " + number(expected - 1) + " to " + number(seq));
    expected = seq + 1;
  }
  for (const auto* event : events_) {
    if (event->op == Op::post && event->result == Result::ok && !ids.contains(event->id)) {
      wrong("lost", number(event->seq) + " was acknowledged and is not in the log");
    }
  }
}

void ConversationCheck::check_delivery(Watcher& watcher, const Event& event) {
  ++verdict_.checked_deliveries;
  const std::string who = "watcher " + std::to_string(event.watcher);
  if (event.seq < watcher.next) wrong("doubled", who + " got " + number(event.seq) + " again or late");
  if (event.seq > watcher.next) {
    wrong("lost", who + " got " + number(event.seq) + " where " + number(watcher.next) + " was next");
  }
  watcher.next = event.seq + 1;
  check_text(event, who.c_str());
  const auto answered = known_[event.seq].answered;
  const auto since = std::max(answered, watcher.connected);
  if (max_delay_us_ > 0 && answered > 0 && event.start - since > max_delay_us_) {
    wrong("late", who + " got " + number(event.seq) + ' ' + std::to_string((event.start - since) / 1000) + " ms late");
  }
}

void ConversationCheck::check_watchers() {
  std::map<std::uint64_t, Watcher> watchers;
  for (const auto* event : events_) {
    if (event->op == Op::watch) {
      const auto [at, fresh] = watchers.try_emplace(event->watcher, Watcher{event->seq + 1, 0, 0});
      at->second.next = event->seq + 1;
      at->second.connected = event->start;
    } else if (event->op == Op::deliver || event->op == Op::missed) {
      auto& watcher = watchers.try_emplace(event->watcher, Watcher{1, 1, 0}).first->second;
      if (event->op == Op::deliver) {
        check_delivery(watcher, *event);
      } else {
        if (event->seq != watcher.next) wrong("lost", "a told range does not begin at " + number(watcher.next));
        watcher.next = event->to + 1;
      }
    }
  }
  for (const auto& [name, watcher] : watchers) {
    if (watcher.next <= head_) {
      wrong("lost", "watcher " + std::to_string(name) + " never got " + number(watcher.next) + " to " + number(head_));
    }
  }
}

void ConversationCheck::check_real_time() {
  std::vector<const Event*> starts;
  std::vector<const Event*> ends;
  for (const auto* event : events_) {
    const bool post = event->op == Op::post && event->result == Result::ok;
    if (post || event->op == Op::read) starts.push_back(event);
    if (post) ends.push_back(event);
  }
  std::sort(starts.begin(), starts.end(), [](const auto* a, const auto* b) { return a->start < b->start; });
  std::sort(ends.begin(), ends.end(), [](const auto* a, const auto* b) { return a->end < b->end; });
  std::uint64_t answered = 0;  // highest number whose answer came before the event at hand began
  std::size_t next = 0;
  for (const auto* event : starts) {
    for (; next < ends.size() && ends[next]->end < event->start; ++next) answered = std::max(answered, ends[next]->seq);
    const bool replayed = event->op == Op::post && known_[event->seq].answered < event->end;
    if (event->op == Op::read && event->seq < answered) {
      wrong("stale", "a read showed " + number(event->seq) + " after " + number(answered) + " was answered");
    } else if (event->op == Op::post && !replayed && event->seq <= answered) {
      wrong("swapped", number(event->seq) + " was sent after " + number(answered) + " was answered");
    }
  }
}

}  // namespace danwa::checker
