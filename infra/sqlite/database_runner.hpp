#pragma once

#include <memory>
#include <utility>

#include "infra/sqlite/reader_pool.hpp"
#include "infra/sqlite/rows.hpp"
#include "infra/sqlite/writer.hpp"
#include "infra/storage/reads.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/freshness.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::sqlite {

// The answers to the reads of storage/reads.hpp, in reads.cpp. All must run in a transaction, and throw
// SQLite::Exception or std::runtime_error.
storage::FindComment::Answer answer(Connection& connection, const storage::FindComment& read);
storage::ListComments::Answer answer(Connection& connection, const storage::ListComments& read);
storage::ViewConversation::Answer answer(Connection& connection, const storage::ViewConversation& read);
storage::ListMembers::Answer answer(Connection& connection, const storage::ListMembers& read);
storage::FindHeads::Answer answer(Connection& connection, const storage::FindHeads& read);
storage::ReadUpdates::Answer answer(Connection& connection, const storage::ReadUpdates& read);
storage::ListConversations::Answer answer(Connection& connection, const storage::ListConversations& read);

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

  /// A read of storage/reads.hpp, where `wanted` says. The `position` of the answer is filled in if the caller asked
  /// for it.
  template <class Read, class T = typename Read::Answer>
  usecase::Async<domain::Result<T>> read(Read read, usecase::Freshness wanted) {
    const bool from_replica = &pool_for(wanted.from) != &master_;
    if (wanted.seen && from_replica) {
      auto replica = [this, read, wanted] { return ask_replica(read, wanted); };
      auto master = [this, read, wanted] { return ask(read, usecase::ReadFrom::master, wanted.include_position); };
      co_return co_await usecase::read_fresh<T>(std::move(replica), std::move(master));
    }
    co_return co_await ask(std::move(read), wanted.from, wanted.include_position);
  }

  usecase::Async<domain::Result<domain::Position>> position() {
    auto work = [](Connection& connection) {
      const ReadTransaction snapshot{connection};
      return read_position(connection);
    };
    return run_readonly<domain::Position>(usecase::ReadFrom::master, std::move(work));
  }

 private:
  template <class T, class Work>
  usecase::Async<domain::Result<T>> run_readonly(usecase::ReadFrom from, Work work) {
    ReaderPool& pool = pool_for(from);
    auto start = [&pool, work = std::move(work)](auto resume) mutable {
      using Task = storage::FunctionTask<ReadTask, T, Work, decltype(resume)>;
      pool.submit(std::make_unique<Task>(std::move(work), std::move(resume)));
    };
    co_return co_await usecase::suspend_until<domain::Result<T>>(std::move(start));
  }

  ReaderPool& pool_for(usecase::ReadFrom from) {
    const bool replica = from == usecase::ReadFrom::replica && watch_ != nullptr && watch_->serves();
    return replica ? *replica_ : master_;
  }

  template <class Read, class T = typename Read::Answer>
  usecase::Async<domain::Result<T>> ask(Read read, usecase::ReadFrom from, bool include_position) {
    auto work = [include_position, read = std::move(read), this](Connection& connection) {
      const ReadTransaction snapshot{connection};
      T found = answer(connection, read);
      if constexpr (requires { found.position; }) {
        if (include_position) found.position = read_position(connection);
        if (include_position) highest_.saw(found.position->number);
      }
      return found;
    };
    return run_readonly<T>(from, std::move(work));
  }

  template <class Read, class T = typename Read::Answer>
  usecase::Async<domain::Result<usecase::ReplicaAnswer<T>>> ask_replica(Read read, usecase::Freshness wanted) {
    auto work = [wanted = std::move(wanted), read = std::move(read), this](Connection& connection) {
      const ReadTransaction snapshot{connection};
      auto position = read_position(connection);
      usecase::ReplicaAnswer<T> found{.may_come =
                                          position.epoch == wanted.seen->epoch && highest_.covers(wanted.seen->number)};
      if (!position.covers(*wanted.seen)) return found;
      found.read = answer(connection, read);
      if constexpr (requires { found.read->position; }) {
        if (wanted.include_position) found.read->position = std::move(position);
      }
      return found;
    };
    return run_readonly<usecase::ReplicaAnswer<T>>(usecase::ReadFrom::replica, std::move(work));
  }

  Writer& writer_;
  ReaderPool& master_;
  ReaderPool* replica_;
  const ReplicaWatch* watch_;
  usecase::HighestPosition highest_;
};

}  // namespace danwa::sqlite
