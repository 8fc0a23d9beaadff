#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "adapters/delivery/update_feed.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::infra {

class StreamSession;

struct DrainOrder {
  std::chrono::milliseconds delay;
  std::chrono::milliseconds retry_after;
};
struct StopOrder {};
struct LeaseNotice {
  std::optional<usecase::LeaseEnd> end{};  ///< nothing: it ends soon
};
using Call = std::function<void()>;

/// What other threads hand to a stream.
using Mail = std::variant<adapters::FrameBatch, adapters::WatchEnd, DrainOrder, StopOrder, LeaseNotice, Call>;

/// Hands mail to the streams of one io thread; the thread is woken once, however much comes before it
/// looks. Bounded by the feed: a stream has at most one batch a watch here, and one order of each kind. Thread
/// safe.
class StreamInbox {
 public:
  struct Letter {
    std::shared_ptr<StreamSession> to;
    Mail mail;
  };

  /// `wake` makes the io thread call `take`. Called under the lock: it must only post.
  explicit StreamInbox(std::function<void()> wake) : wake_{std::move(wake)} {}

  void push(std::shared_ptr<StreamSession> to, Mail mail) {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    letters_.push_back({std::move(to), std::move(mail)});
    if (letters_.size() == 1) wake_();
  }

  /// All that waits, in the order it came, into `out` (empty).
  void take(std::vector<Letter>& out) {
    const std::lock_guard lock{mutex_};
    letters_.swap(out);
  }

  /// The io thread is gone: what waits and what comes is dropped.
  void close() {
    std::vector<Letter> dropped;
    const std::lock_guard lock{mutex_};
    closed_ = true;
    letters_.swap(dropped);
  }

 private:
  std::function<void()> wake_;
  std::mutex mutex_;  // deliveries come from the threads of the feed; held for a push or a swap
  std::vector<Letter> letters_;
  bool closed_ = false;
};

}  // namespace danwa::infra
