#pragma once

#include "support/in_memory_log.hpp"
#include "usecase/ports/freshness.hpp"

namespace danwa::tests {

/// What a read of the in-memory log sees: all up to `shown`.
struct InMemorySnapshot {
  domain::Position shown;

  std::optional<domain::Position> told(const usecase::Freshness& wanted) const {
    return wanted.include_position ? std::optional{shown} : std::nullopt;
  }
};

/// Chooses between the log and its replica, which may be behind (`InMemoryLog::replica_at`).
inline usecase::Async<domain::Result<InMemorySnapshot>> choose_snapshot(InMemoryLog& log, usecase::Freshness wanted) {
  using Answer = usecase::ReplicaAnswer<InMemorySnapshot>;
  auto replica = [&log, wanted]() -> usecase::Async<domain::Result<Answer>> {
    const std::scoped_lock lock{log.mutex};
    ++log.replica_looks;
    const auto now = log.replica_now();
    Answer answer{.may_come = wanted.seen && wanted.seen->epoch == now.epoch && wanted.seen->number <= log.position};
    if (!wanted.seen || now.covers(*wanted.seen)) answer.read = InMemorySnapshot{now};
    co_return answer;
  };
  auto master = [&log, from = wanted.from]() -> usecase::Async<domain::Result<InMemorySnapshot>> {
    const std::scoped_lock lock{log.mutex};
    if (from == usecase::ReadFrom::replica) ++log.master_reads;
    co_return InMemorySnapshot{log.now()};
  };
  if (wanted.from == usecase::ReadFrom::master) co_return co_await master();
  co_return co_await usecase::read_fresh<InMemorySnapshot>(replica, master);
}

}  // namespace danwa::tests
