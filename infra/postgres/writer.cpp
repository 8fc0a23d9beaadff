#include "infra/postgres/writer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace danwa::infra::pg {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kExpiry{250};  // between two searches for actions that have waited too long
constexpr std::chrono::milliseconds kRetry{500};   // between two checks while the primary accepts no writes
constexpr std::chrono::milliseconds kIdle{1000};   // the same while it does and no client writes

}  // namespace

Writer::Writer(const Needs& needs)
    : max_batch_{needs.options.max_batch},
      queue_{{needs.io, needs.options.writer_queue, needs.options.patience, needs.metrics.writer_queue}},
      committer_{{needs.io, needs.options, queue_, needs.log, needs.metrics}},
      expiry_{needs.io} {
  boost::asio::co_spawn(needs.io, run(), boost::asio::detached);
  boost::asio::co_spawn(needs.io, expire(), boost::asio::detached);
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
    pause = committer_.health().failing() ? kRetry : kIdle;
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

}  // namespace danwa::infra::pg
