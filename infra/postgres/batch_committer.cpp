#include "infra/postgres/writer.hpp"

#include <algorithm>
#include <map>

#include "infra/postgres/batch_snapshot.hpp"
#include "infra/postgres/migrations.hpp"

// Group commit. The first round trip locks the channels and reads the facts, the actions then decide in memory, and the
// second round trip writes all rows and commits. So up to `max_batch` actions share one flush to disk and one wait for
// a synchronous standby.
//
// A transaction ends in one of four ways. `done`: the actions are answered. `refused`: the server rejected a statement
// and nothing is written; the batch is tried again in smaller parts. `lost`: the connection broke before anything could
// be committed, so one repetition is safe. `unknown`: the connection broke after the commit was sent. A repetition
// could then write everything twice, so `resolve_lost_commit` looks for the commit marker in the log before any action
// is answered. If the server cannot be asked for 8 s, the clients get `outcome-unknown` and may retry with their
// idempotency keys.

namespace danwa::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using usecase::Async;

constexpr milliseconds kOutcomeWait{8000};  // then the clients get `outcome-unknown`
constexpr milliseconds kOutcomePause{100};  // between two attempts to look it up
constexpr milliseconds kShortLockWait{25};  // for a channel that another node held at the last attempt
constexpr milliseconds kMostLockWait{250};  // a wait delays the whole batch

/// The server ends a transaction whose client is silent, so the locks of a dead node are released. The session has no
/// statement timeout, because a commit may wait for a standby; each batch sets one inside its transaction.
SessionLimits writing_limits(const PostgresOptions& options) {
  return {.idle_in_transaction = 2 * options.statement_timeout};
}

milliseconds lock_wait(const PostgresOptions& options, bool held_before) {
  return held_before ? kShortLockWait : std::min(kMostLockWait, options.patience / 4);
}

}  // namespace

BatchCommitter::BatchCommitter(boost::asio::io_context& io, const PostgresOptions& options, WriteQueue& queue,
                               adapters::Logger& log, adapters::Metrics& metrics)
    : options_{options},
      queue_{queue},
      log_{log},
      metrics_{metrics},
      link_{io, options.master, Role::master, options.connect_timeout, writing_limits(options)} {}

Async<Connection*> BatchCommitter::open() {
  connectable_ = link_.is_open();
  Connection* connection = co_await link_.connected();
  connectable_ = true;
  co_return connection;
}

Async<void> BatchCommitter::connect() {
  try {
    co_await open();
  } catch (const std::exception& failure) {  // also Failure; the first commit connects again
    log_.error("database.not-ready", {{"reason", failure.what()}});
  }
}

Async<void> BatchCommitter::commit(WriteQueue::Taken taken) {
  co_await commit(std::move(taken.batch), taken.held_before ? Mode::one_channel : Mode::together);
}

Async<void> BatchCommitter::commit(Batch batch, Mode mode) {
  auto tried = co_await attempt(batch, mode);
  // Nothing was written, so a second attempt is safe.
  if (tried.end == End::lost && has_time(batch, options_.patience)) tried = co_await attempt(batch, mode);
  switch (tried.end) {
    case End::done:
      if (mode == Mode::one_channel) queue_.release(batch.front()->conflict_keys().channel);
      metrics_.commits.add();
      metrics_.committed_actions.add(batch.size());
      health_.worked();
      if (tried.marker) committed_ = tried.marker;
      for (const auto& action : batch) action->finish(tried.position);
      co_return;
    case End::refused:
      if (tried.why->is_of_schema()) {
        outdated(batch, *tried.why);
        co_return;
      }
      co_await refused(std::move(batch), mode, std::move(*tried.why));
      co_return;
    case End::lost:
      log_.error("database.not-ready", {{"reason", tried.why->what()}});
      fail_all(batch, storage::database_failed());
      co_return;
    case End::unknown:
      co_await resolve_lost_commit(std::move(batch), std::move(tried));
      co_return;
  }
}

Async<BatchCommitter::Attempt> BatchCommitter::attempt(Batch& batch, Mode mode) {
  Attempt attempt;
  attempt.why = co_await failure_of(transact(batch, mode, attempt));
  if (!attempt.why) co_return attempt;
  if (!attempt.why->lost()) {
    attempt.end = End::refused;
    co_await roll_back();
    co_return attempt;
  }
  link_.drop();
  attempt.end = attempt.committing && attempt.marker ? End::unknown : End::lost;
  co_return attempt;
}

Async<void> BatchCommitter::transact(Batch& batch, Mode mode, Attempt& attempt) {
  Connection* connection = co_await open();
  BatchSnapshot facts;
  for (const auto& action : batch) {
    facts.need_channel(action->conflict_keys().channel);
    action->need(facts);
  }
  const auto reading = facts.script(lock_wait(options_, mode == Mode::one_channel), options_.statement_timeout / 2);
  facts.load(co_await connection->run(reading, options_.statement_timeout));
  if (facts.schema() > kNewestSchema) throw Failure::of_schema(facts.schema(), kNewestSchema);
  BatchRows rows{facts};
  decide(batch, facts, rows, attempt);
  attempt.marker = rows.marker();
  attempt.committing = true;
  const auto answers = co_await connection->run(rows.script(), options_.statement_timeout);
  if (connection->take_warning()) throw Failure::of_connection("the commit did not wait for its standby");
  attempt.position = {facts.epoch(), answers.back().first().number(0)};
}

void BatchCommitter::decide(Batch& batch, const BatchSnapshot& facts, BatchRows& rows, Attempt& attempt) {
  for (const auto& action : batch) {
    const auto before = rows.updates();
    try {
      action->decide(facts, rows);
    } catch (const std::exception& failure) {
      if (rows.updates() != before) throw;
      log_.error("database.action-failed", {{"reason", failure.what()}});
      action->reject(storage::database_error());
    }
    attempt.wrote.push_back(rows.updates() != before);
  }
}

Async<void> BatchCommitter::try_writing() {
  const auto failure = co_await failure_of(check_writing());
  if (!failure) {
    health_.worked();
    co_return;
  }
  log_.error("database.not-ready", {{"reason", failure->what()}});
  health_.failed();
  if (failure->lost()) {
    link_.drop();
  } else {
    co_await roll_back();
  }
}

Async<void> BatchCommitter::check_writing() {
  Connection* connection = co_await link_.connected();
  Script script;
  script.add("BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE");
  script.add("UPDATE channels SET head = head WHERE false");  // needs the right to write, matches no row
  script.add("ROLLBACK");
  co_await connection->run(script, options_.statement_timeout);
}

Async<void> BatchCommitter::roll_back() {
  const auto failure = co_await failure_of(send_rollback());
  if (failure) link_.drop();  // closing the connection rolls back, too
}

Async<void> BatchCommitter::send_rollback() {
  Connection* connection = co_await open();
  Script script;
  script.add("ROLLBACK");
  co_await connection->run(script, options_.statement_timeout);
}

/// Tries the parts of a rejected batch. Actions of a single locked channel go back to the queue, which leaves the
/// channel out for a while; waiting for it here would delay all other channels. An action that fails alone is answered,
/// after one more attempt (`once_more`) if the failure may pass.
Async<void> BatchCommitter::refused(Batch batch, Mode mode, Failure why) {
  const bool locked = why.is_locked();
  std::map<domain::ChannelKey, Batch> parts;
  for (auto& action : batch) parts[action->conflict_keys().channel].push_back(std::move(action));
  if (locked && parts.size() == 1) {
    queue_.hold(parts.begin()->first);
    queue_.put_back(std::move(parts.begin()->second));
    co_return;
  }
  for (auto& [channel, part] : parts) {
    if (locked) {
      co_await commit(std::move(part), Mode::one_channel);
      continue;
    }
    for (auto& action : part) {
      const bool alone = mode == Mode::alone || mode == Mode::once_more;
      if (alone && !(mode == Mode::alone && why.may_pass())) {
        log_.error("database.action-failed", {{"code", why.state()}, {"reason", why.what()}});
        health_.failed();
        action->fail(to_errors(why));
        continue;
      }
      Batch one;
      one.push_back(std::move(action));
      co_await commit(std::move(one), alone ? Mode::once_more : Mode::alone);
    }
  }
}

/// Looks up the outcome of a commit that was not acknowledged, and answers the actions with it.
Async<void> BatchCommitter::resolve_lost_commit(Batch batch, Attempt lost) {
  metrics_.commit_failures.add();
  log_.error("database.commit-failed", {{"reason", lost.why->what()}});
  give_back_unwritten(batch, lost);
  const auto until = steady_clock::now() + kOutcomeWait;
  std::optional<bool> there;
  domain::Position position;
  while (!there && steady_clock::now() < until) {
    there = co_await look_up(*lost.marker, position);
    if (!there) co_await usecase::pause(kOutcomePause);
  }
  log_.plain().info("database.outcome", {{"outcome", !there   ? "unknown"
                                                     : *there ? "committed"
                                                              : "not committed"},
                                         {"actions", batch.size()}});
  if (!there || !*there) {
    fail_all(batch, there ? storage::database_failed() : storage::outcome_unknown());
    co_return;
  }
  committed_ = lost.marker;
  health_.worked();
  for (const auto& action : batch) action->finish(position);
}

/// Actions that wrote nothing can be executed again without harm.
void BatchCommitter::give_back_unwritten(Batch& batch, const Attempt& lost) {
  Batch unwritten;
  for (std::size_t n = 0; n < batch.size(); ++n) {
    if (!lost.wrote[n]) unwritten.push_back(std::move(batch[n]));
  }
  std::erase(batch, nullptr);
  queue_.put_back(std::move(unwritten));
}

Async<std::optional<bool>> BatchCommitter::look_up(const CommitMarker& marker, domain::Position& position) {
  std::optional<bool> there;
  try {
    Connection* connection = co_await open();
    const auto answers = co_await connection->run(outcome_script(marker), options_.statement_timeout);
    if (connection->take_warning()) throw Failure::of_connection("the commit did not wait for its standby");
    position = outcome_position(answers);
    there = took_place(answers);
  } catch (const std::exception& failure) {  // also Failure
    log_.error("database.not-settled", {{"reason", failure.what()}});
  }
  if (!there) link_.drop();
  co_return there;
}

void BatchCommitter::outdated(const Batch& batch, const Failure& why) {
  if (!outdated_.exchange(true)) log_.error("database.schema-newer", {{"reason", why.what()}});
  fail_all(batch, storage::schema_newer());
}

void BatchCommitter::fail_all(const Batch& batch, const domain::Errors& errors) {
  health_.failed();
  for (const auto& action : batch) action->fail(errors);
}

bool BatchCommitter::has_time(const Batch& batch, milliseconds patience) {
  const auto deadline = steady_clock::now() - patience;
  return std::all_of(batch.begin(), batch.end(), [&](const auto& action) { return action->since > deadline; });
}

}  // namespace danwa::postgres
