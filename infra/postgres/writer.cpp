#include "infra/postgres/writer.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <iterator>
#include <set>
#include <string>

#include "infra/postgres/connection.hpp"

// The queue of changes and the loop of the writer. A batch takes the oldest actions whose keys do not conflict; an
// action that must wait makes the later ones of its channel wait, too, so the order within a channel stays. A channel
// whose lock another node holds is left out for 100 ms and then tried alone, so it delays no other channel. While no
// client writes, the writer checks each second that the primary accepts writes, and twice as often while it does not,
// so failure and recovery are noticed without a client.

namespace danwa::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kHold{100};  // a channel that another node holds is left out so long
constexpr milliseconds kShort{20};  // while only held channels have work
constexpr std::size_t kScan = 4;    // at most this many actions are examined for each one that a batch may take

constexpr milliseconds kExpiry{250};  // between two searches for late actions
constexpr milliseconds kRetry{500};   // between two checks while the primary accepts no writes
constexpr milliseconds kIdle{1000};   // the same while it does and no client writes

/// Decides which actions may share a batch, in the order in which they are offered.
class Companions {
 public:
  /// True if `action` may join the admitted ones. If not, no later action of its channel may, because their order would
  /// change.
  bool admit(const WriteAction& action) {
    const ConflictKeys& conflict_keys = action.conflict_keys();
    const bool free = !closed_.contains(&conflict_keys.channel) &&
                      !(conflict_keys.alone && shared_.contains(&conflict_keys.channel)) &&
                      std::none_of(conflict_keys.exclusive.begin(), conflict_keys.exclusive.end(),
                                   [this](const std::string& thing) { return exclusive_.contains(thing); });
    if (!free || conflict_keys.alone) closed_.insert(&conflict_keys.channel);
    if (!free) return false;
    shared_.insert(&conflict_keys.channel);
    exclusive_.insert(conflict_keys.exclusive.begin(), conflict_keys.exclusive.end());
    return true;
  }

  void close(const WriteAction& action) { closed_.insert(&action.conflict_keys().channel); }

 private:
  struct Less {
    bool operator()(const domain::ChannelKey* a, const domain::ChannelKey* b) const { return *a < *b; }
  };
  using Channels = std::set<const domain::ChannelKey*, Less>;
  Channels shared_;  ///< with an action in the batch
  Channels closed_;  ///< to later actions
  std::set<std::string> exclusive_;
};

}  // namespace

void WriteQueue::push(std::unique_ptr<WriteAction> action) {
  std::unique_lock lock{mutex_};
  if (!waiting_.push(std::move(action), lock)) return;
  length_.add();
  if (waiting_.size() == 1) boost::asio::post(io_, [this] { sleep_.cut(); });
}

void WriteQueue::close() {
  const std::scoped_lock lock{mutex_};
  waiting_.close();
  boost::asio::post(io_, [this] { sleep_.end(); });
}

WriteQueue::Taken WriteQueue::take(std::size_t most) {
  Taken taken;
  Companions companions;
  const auto now = steady_clock::now();
  const std::scoped_lock lock{mutex_};
  auto& waiting = waiting_.all();
  const std::size_t scan = std::min(waiting.size(), most * kScan);
  for (std::size_t n = 0; n < scan && taken.batch.size() < most; ++n) {
    auto& action = waiting[n];
    const auto& channel = action->conflict_keys().channel;
    const auto held = held_.find(channel);
    const bool foreign = taken.held_before && channel != taken.batch.front()->conflict_keys().channel;
    const bool owned_elsewhere =
        held != held_.end() && (held->second > now || (!taken.batch.empty() && !taken.held_before));
    if (foreign || owned_elsewhere) {
      companions.close(*action);
    } else if (companions.admit(*action)) {
      taken.held_before = held != held_.end();
      taken.batch.push_back(std::move(action));
    }
  }
  std::erase(waiting, nullptr);
  length_.sub(static_cast<std::int64_t>(taken.batch.size()));
  return taken;
}

void WriteQueue::put_back(Batch batch) {
  const std::scoped_lock lock{mutex_};
  length_.add(static_cast<std::int64_t>(batch.size()));
  auto& waiting = waiting_.all();
  waiting.insert(waiting.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
}

void WriteQueue::hold(const domain::ChannelKey& channel) { held_[channel] = steady_clock::now() + kHold; }

usecase::Async<bool> WriteQueue::wait(milliseconds limit) {
  bool idle = false;
  {
    const std::scoped_lock lock{mutex_};
    idle = waiting_.empty();
    if (idle && waiting_.closed()) co_return false;
  }
  if (idle) {
    held_.clear();
    co_await sleep_.sleep(limit);
  } else if (!held_.empty()) {
    co_await usecase::pause(kShort);
  }
  co_return true;
}

void WriteQueue::expire() {
  std::unique_lock lock{mutex_};
  const Batch late = waiting_.take_late(steady_clock::now() - patience_);
  length_.sub(static_cast<std::int64_t>(late.size()));
  lock.unlock();
  for (const auto& action : late) action->fail(storage::database_busy());
}

Writer::Writer(boost::asio::io_context& io, const PostgresOptions& options, adapters::Logger& log,
               adapters::Metrics& metrics)
    : max_batch_{options.max_batch},
      queue_{io, options.writer_queue, options.patience, metrics.writer_queue},
      committer_{io, options, queue_, log, metrics},
      expiry_{io} {
  boost::asio::co_spawn(io, run(), boost::asio::detached);
  boost::asio::co_spawn(io, expire(), boost::asio::detached);
}

usecase::Async<void> Writer::run() {
  co_await committer_.connect();
  auto tried = steady_clock::now();
  auto pause = kIdle;
  while (co_await queue_.wait(pause)) {
    for (auto taken = queue_.take(max_batch_); !taken.batch.empty(); taken = queue_.take(max_batch_)) {
      co_await committer_.commit(std::move(taken));
      tried = steady_clock::now();
    }
    pause = committer_.failing() ? kRetry : kIdle;
    if (steady_clock::now() - tried < pause || expiry_.ended()) continue;
    co_await committer_.try_writing();
    tried = steady_clock::now();
  }
  committer_.close();
  expiry_.end();
}

usecase::Async<void> Writer::expire() {
  while (!expiry_.ended()) {
    co_await expiry_.sleep(kExpiry);
    queue_.expire();
  }
}

}  // namespace danwa::postgres
