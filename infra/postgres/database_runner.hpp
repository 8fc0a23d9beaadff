#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "infra/postgres/reader_pool.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/session.hpp"
#include "infra/postgres/writer.hpp"
#include "infra/storage/reads.hpp"
#include "infra/storage/tasks.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/freshness.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::postgres {

/// How a read of storage/reads.hpp is done: the queries, and the function that makes the answer of theirs.
template <class Answer>
struct Plan {
  Script queries;
  std::function<Answer(const Snapshot&)> decode;
};

Plan<storage::FindComment::Answer> plan(storage::FindComment read);
Plan<storage::ListComments::Answer> plan(storage::ListComments read);
Plan<storage::ViewConversation::Answer> plan(storage::ViewConversation read);
Plan<storage::ListMembers::Answer> plan(storage::ListMembers read);
Plan<storage::FindHeads::Answer> plan(storage::FindHeads read);
Plan<storage::ReadUpdates::Answer> plan(storage::ReadUpdates read);
Plan<storage::ListConversations::Answer> plan(storage::ListConversations read);

/// Runs changes on the master's writer, and reads on a pool. The caller resumes on its own executor. Thread safe. The
/// owner of the parts must outlive every call.
class DatabaseRunner {
 public:
  /// `highest` is updated with every position that is returned.
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

  /// A read of storage/reads.hpp, where `wanted` says. If a replica fails, the master serves the read. The `position`
  /// of the answer is filled in if the caller asked for it.
  template <class Read, class T = typename Read::Answer>
  usecase::Async<domain::Result<T>> read(Read read, usecase::Freshness wanted) {
    const Plan<T> planned = plan(std::move(read));
    const Script& queries = planned.queries;
    ReaderPool* replica = wanted.from == usecase::ReadFrom::replica ? replicas_.pick() : nullptr;
    auto told = [decode = planned.decode, include_position = wanted.include_position](const Snapshot& snapshot) {
      T found = decode(snapshot);
      if constexpr (requires { found.position; }) {
        if (include_position) found.position = snapshot.position();
      }
      return found;
    };
    auto master = [this, &queries, &told, &wanted] { return ask_master<T>(queries, told, wanted.include_position); };
    if (replica == nullptr) co_return co_await master();
    auto first = [this, replica, &queries, &told, &wanted] { return ask_replica<T>(*replica, queries, told, wanted); };
    co_return co_await usecase::read_fresh<T>(std::move(first), std::move(master));
  }

  usecase::Async<domain::Result<domain::Position>> position() {
    return ask_master<domain::Position>(
        {}, [](const Snapshot& found) { return found.position(); }, true);
  }

 private:
  /// Reads `queries` in one snapshot of the master; `decode(const Snapshot&) -> T`.
  template <class T, class Decode>
  usecase::Async<domain::Result<T>> ask_master(Script queries, Decode decode, bool include_position) {
    auto whole = [decode = std::move(decode), include_position, this](const std::vector<Rows>& answers) {
      const Snapshot snapshot{answers, Role::master, include_position};
      if (include_position) highest_.saw(snapshot.position().number);
      return decode(snapshot);
    };
    return run<T>(master_, snapshot_script(queries, Role::master, include_position), std::move(whole));
  }

  template <class T>
  using ReplicaRead = domain::Result<usecase::ReplicaAnswer<T>>;

  template <class T, class Told>
  usecase::Async<ReplicaRead<T>> ask_replica(ReaderPool& replica, Script queries, Told told,
                                             usecase::Freshness wanted) {
    const bool include_position = wanted.include_position;
    auto whole = [told = std::move(told), wanted, this](const std::vector<Rows>& answers) -> ReplicaRead<T> {
      const Snapshot snapshot{answers, Role::replica, wanted.include_position};
      usecase::ReplicaAnswer<T> answer;
      answer.may_come = snapshot.is_standby() && (!wanted.seen || wanted.seen->epoch == snapshot.epoch());
      if (answer.may_come && !snapshot.has_reached(wanted.seen)) answer.may_come = highest_.covers(wanted.seen->number);
      if (!answer.may_come || !snapshot.has_reached(wanted.seen)) return answer;
      if (wanted.include_position) highest_.saw(snapshot.position().number);
      answer.read = told(snapshot);
      return answer;
    };
    auto answer = co_await run<usecase::ReplicaAnswer<T>>(
        replica, snapshot_script(queries, Role::replica, include_position), std::move(whole));
    const bool gone = !answer && answer.error().first().kind == domain::ErrorKind::unavailable;
    if (gone) co_return usecase::ReplicaAnswer<T>{std::nullopt, false};  // the master may still serve it
    co_return answer;
  }

  template <class T, class Decode>
  static usecase::Async<domain::Result<T>> run(ReaderPool& pool, Script script, Decode decode) {
    auto start = [&pool, script = std::move(script), decode = std::move(decode)](auto resume) mutable {
      using Task = storage::FunctionTask<ReadTask, T, Decode, decltype(resume)>;
      pool.submit(std::make_unique<Task>(std::move(decode), std::move(resume), std::move(script)));
    };
    co_return co_await usecase::suspend_until<domain::Result<T>>(std::move(start));
  }

  Writer& writer_;
  ReaderPool& master_;
  ReplicaRotation& replicas_;
  usecase::HighestPosition& highest_;
};

}  // namespace danwa::postgres
