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
  std::optional<usecase::LeaseEnd> end{};  ///< empty: it ends soon
};
using Call = std::function<void()>;

/// A command from another thread to a stream.
using Mail = std::variant<adapters::FrameBatch, adapters::WatchEnd, DrainOrder, StopOrder, LeaseNotice, Call>;

/// Passes commands to the streams of one io thread. However many commands arrive before the thread drains the inbox,
/// the thread is woken once. The feed bounds it: a stream has at most one batch per watch here, and one command of each
/// other kind. Thread safe.
class StreamInbox {
 public:
  struct Letter {
    std::shared_ptr<StreamSession> to;
    Mail mail;
  };

  /// `wake` makes the io thread call `take`. It is called under the lock, so it must only post.
  explicit StreamInbox(std::function<void()> wake) : wake_{std::move(wake)} {}

  void push(std::shared_ptr<StreamSession> to, Mail mail) {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    letters_.push_back({std::move(to), std::move(mail)});
    if (letters_.size() == 1) wake_();
  }

  /// Moves all waiting commands, in the order of arrival, into `out` (empty).
  void take(std::vector<Letter>& out) {
    const std::lock_guard lock{mutex_};
    letters_.swap(out);
  }

  /// Called when the io thread ends: drops waiting commands and later ones.
  void close() {
    std::vector<Letter> dropped;
    const std::lock_guard lock{mutex_};
    closed_ = true;
    letters_.swap(dropped);
  }

 private:
  std::function<void()> wake_;
  std::mutex mutex_;  // the feed delivers from its own threads; held for a push or a swap
  std::vector<Letter> letters_;
  bool closed_ = false;
};

}  // namespace danwa::infra
