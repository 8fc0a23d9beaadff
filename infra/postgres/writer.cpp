#include "infra/postgres/writer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace danwa::infra::pg {
namespace {

constexpr std::chrono::milliseconds kExpiry{250};

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
  while (co_await queue_.wait()) {
    for (auto taken = queue_.take(max_batch_); !taken.batch.empty(); taken = queue_.take(max_batch_)) {
      co_await committer_.commit(std::move(taken));
    }
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
