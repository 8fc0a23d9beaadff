#pragma once

#include <memory>
#include <utility>

#include "infra/sqlite/reader_pool.hpp"
#include "infra/sqlite/rows.hpp"
#include "infra/sqlite/writer.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/freshness.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::sqlite {

/// Runs changes on the master's writer, and reads on a pool. The caller resumes on its own executor. Thread safe. The
/// owner of the files must outlive every call.
///
///     auto work = [id](WriteTransaction& t) -> Result<int> { ... };
///     auto result = co_await runner.run<int>(std::move(work));
class DatabaseRunner {
 public:
  /// `replica` and `watch` may be null: then the master serves all reads.
  DatabaseRunner(Writer& writer, ReaderPool& master, ReaderPool* replica, const ReplicaWatch* watch)
      : writer_{writer}, master_{master}, replica_{replica}, watch_{watch} {}

  /// Calls `work` on the writer's thread, perhaps twice (see BatchCommitter), so `work` must not give away what it
  /// holds. An error undoes its changes. Answered after the commit.
  template <class T, class Work>
  usecase::Async<domain::Result<T>> run(Work work) {
    auto start = [this, work = std::move(work)](auto resume) mutable {
      using Action = FunctionAction<T, Work, decltype(resume)>;
      writer_.submit(std::make_unique<Action>(std::move(work), std::move(resume)));
    };
    co_return co_await usecase::suspend_until<domain::Result<T>>(std::move(start));
  }

  static constexpr bool kNamesChannels = false;  ///< a change finds its channel in the transaction

  /// The same for a change of storage/changes.hpp. The answer holds the `position` of its commit.
  template <class Change, class T = typename Change::Answer>
  usecase::Async<domain::Result<T>> change(Change change) {
    auto work = [change = std::move(change)](WriteTransaction& transaction) -> domain::Result<T> {
      domain::Result<T> done = change.decide(transaction, transaction);
      if (done) done->position = transaction.position();
      return done;
    };
    auto done = co_await run<T>(std::move(work));
    if (done) highest_.saw(done->position.number);
    co_return done;
  }

  /// `work(connection) -> T` reads in one snapshot. The `position` of `T` is filled in if the caller asked for it.
  template <class T, class Work>
  usecase::Async<domain::Result<T>> run_fresh(usecase::Freshness wanted, Work work) {
    const bool from_replica = &pool_for(wanted.from) != &master_;
    if (wanted.seen && from_replica) {
      auto replica = [this, work, wanted] { return ask_replica<T>(wanted, work); };
      auto master = [this, work, wanted] { return ask<T>(usecase::ReadFrom::master, wanted.include_position, work); };
      co_return co_await usecase::read_fresh<T>(std::move(replica), std::move(master));
    }
    co_return co_await ask<T>(wanted.from, wanted.include_position, std::move(work));
  }

  template <class T, class Work>
  usecase::Async<domain::Result<T>> run_readonly(usecase::ReadFrom from, Work work) {
    ReaderPool& pool = pool_for(from);
    auto start = [&pool, work = std::move(work)](auto resume) mutable {
      using Task = storage::FunctionRead<ReadTask, T, Work, decltype(resume)>;
      pool.submit(std::make_unique<Task>(std::move(work), std::move(resume)));
    };
    co_return co_await usecase::suspend_until<domain::Result<T>>(std::move(start));
  }

 private:
  ReaderPool& pool_for(usecase::ReadFrom from) {
    const bool replica = from == usecase::ReadFrom::replica && watch_ != nullptr && watch_->serves();
    return replica ? *replica_ : master_;
  }

  template <class T, class Work>
  usecase::Async<domain::Result<T>> ask(usecase::ReadFrom from, bool include_position, Work work) {
    auto read = [include_position, work = std::move(work), this](Connection& connection) {
      const ReadTransaction snapshot{connection};
      T found = work(connection);
      if (include_position) found.position = read_position(connection);
      if (include_position) highest_.saw(found.position->number);
      return found;
    };
    return run_readonly<T>(from, std::move(read));
  }

  template <class T, class Work>
  usecase::Async<domain::Result<usecase::ReplicaAnswer<T>>> ask_replica(usecase::Freshness wanted, Work work) {
    auto read = [wanted = std::move(wanted), work = std::move(work), this](Connection& connection) {
      const ReadTransaction snapshot{connection};
      auto position = read_position(connection);
      usecase::ReplicaAnswer<T> answer{.may_come = position.epoch == wanted.seen->epoch &&
                                                   highest_.covers(wanted.seen->number)};
      if (!position.covers(*wanted.seen)) return answer;
      answer.read = work(connection);
      if (wanted.include_position) answer.read->position = std::move(position);
      return answer;
    };
    return run_readonly<usecase::ReplicaAnswer<T>>(usecase::ReadFrom::replica, std::move(read));
  }

  Writer& writer_;
  ReaderPool& master_;
  ReaderPool* replica_;
  const ReplicaWatch* watch_;
  usecase::HighestPosition highest_;
};

}  // namespace danwa::sqlite
