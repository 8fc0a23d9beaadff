#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "infra/postgres/reader_pool.hpp"
#include "infra/postgres/replica_rotation.hpp"
#include "infra/postgres/snapshot.hpp"
#include "infra/postgres/writer.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/fresh_read.hpp"
#include "usecase/ports/highest_position.hpp"

namespace danwa::infra::pg {

/// Runs changes on the master's writer and reads on a pool. The caller goes on on its own executor. Thread
/// safe. The parts' owner must outlive every call.
///
///     auto decode = [](const Snapshot& found) -> Result<int> { return found.rows(0).first().integer(0); };
///     auto result = co_await runner.read<int>(std::move(queries), std::move(decode));
class DatabaseRunner {
 public:
  /// `highest` learns of every position that is told.
  DatabaseRunner(Writer& writer, ReaderPool& master, ReplicaRotation& replicas, usecase::HighestPosition& highest)
      : writer_{writer}, master_{master}, replicas_{replicas}, highest_{highest} {}

  static constexpr bool kNamesChannels = true;  ///< a change locks its channel before it reads

  /// A change of storage/changes.hpp. Answered after the commit.
  template <class Change, class T = typename Change::Answer>
  usecase::Async<domain::Result<T>> change(Change change) {
    auto start = [this, change = std::move(change)](auto resume) mutable {
      using Action = ChangeAction<Change, decltype(resume)>;
      writer_.submit(std::make_unique<Action>(std::move(change), std::move(resume)));
    };
    auto done = co_await usecase::suspend_until<domain::Result<T>>(std::move(start));
    if (done) highest_.saw(done->position.number);
    co_return done;
  }

  /// Reads `queries` in one snapshot of the master; `decode(const Snapshot&) -> Result<T>`.
  template <class T, class Decode>
  usecase::Async<domain::Result<T>> read(Script queries, Decode decode, bool tells = false) {
    auto whole = [decode = std::move(decode), tells, this](const std::vector<Rows>& answers) {
      const Snapshot snapshot{answers, Role::master, tells};
      if (tells) highest_.saw(snapshot.position().number);
      return decode(snapshot);
    };
    co_return co_await run<T>(master_, snapshot_script(queries, Role::master, tells), std::move(whole));
  }

  /// Reads where `wanted` says; a replica that fails leaves it to the master. A `T` with a `position` has it filled
  /// when it is to be told.
  template <class T, class Decode>
  usecase::Async<domain::Result<T>> read_fresh(usecase::Freshness wanted, Script queries, Decode decode) {
    ReaderPool* replica = wanted.from == usecase::ReadFrom::replica ? replicas_.pick() : nullptr;
    auto told = [decode, tells = wanted.tells](const Snapshot& snapshot) -> domain::Result<T> {
      domain::Result<T> found = decode(snapshot);
      if constexpr (requires { found->position; }) {
        if (found && tells) found->position = snapshot.position();
      }
      return found;
    };
    auto master = [this, &queries, &told, &wanted] { return read<T>(queries, told, wanted.tells); };
    if (replica == nullptr) co_return co_await master();
    auto first = [this, replica, &queries, &told, &wanted] { return ask_replica<T>(*replica, queries, told, wanted); };
    co_return co_await usecase::read_fresh<T>(std::move(first), std::move(master));
  }

 private:
  template <class T>
  using ReplicaRead = domain::Result<usecase::ReplicaAnswer<T>>;

  template <class T, class Told>
  usecase::Async<ReplicaRead<T>> ask_replica(ReaderPool& replica, Script queries, Told told,
                                             usecase::Freshness wanted) {
    const bool tells = wanted.tells;
    auto whole = [told = std::move(told), wanted, this](const std::vector<Rows>& answers) -> ReplicaRead<T> {
      const Snapshot snapshot{answers, Role::replica, wanted.tells};
      usecase::ReplicaAnswer<T> answer;
      answer.may_come = snapshot.is_standby() && (!wanted.seen || wanted.seen->epoch == snapshot.epoch());
      if (answer.may_come && !snapshot.has_reached(wanted.seen)) answer.may_come = highest_.covers(wanted.seen->number);
      if (!answer.may_come || !snapshot.has_reached(wanted.seen)) return answer;
      if (wanted.tells) highest_.saw(snapshot.position().number);
      auto found = told(snapshot);
      if (!found) return domain::fail(std::move(found).error());
      answer.read = std::move(*found);
      return answer;
    };
    auto answer = co_await run<usecase::ReplicaAnswer<T>>(replica, snapshot_script(queries, Role::replica, tells),
                                                          std::move(whole));
    const bool gone = !answer && answer.error().first().kind == domain::ErrorKind::unavailable;
    if (gone) co_return usecase::ReplicaAnswer<T>{std::nullopt, false};  // the master may still do it
    co_return answer;
  }

  template <class T, class Decode>
  static usecase::Async<domain::Result<T>> run(ReaderPool& pool, Script script, Decode decode) {
    auto start = [&pool, script = std::move(script), decode = std::move(decode)](auto resume) mutable {
      using Task = storage::FunctionRead<ReadTask, T, Decode, decltype(resume)>;
      pool.submit(std::make_unique<Task>(std::move(decode), std::move(resume), std::move(script)));
    };
    co_return co_await usecase::suspend_until<domain::Result<T>>(std::move(start));
  }

  Writer& writer_;
  ReaderPool& master_;
  ReplicaRotation& replicas_;
  usecase::HighestPosition& highest_;
};

}  // namespace danwa::infra::pg
