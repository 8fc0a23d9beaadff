#include "infra/sqlite/writer.hpp"

#include <sqlite3.h>

#include <exception>
#include <stdexcept>

#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/failpoint.hpp"
#include "infra/sqlite/migrations.hpp"

// Group commit: up to `max_batch` actions share one `BEGIN IMMEDIATE` ... `COMMIT`, and so one fsync. An fsync takes a
// fraction of a millisecond at best, far longer than the statements of an action.
//
// A COMMIT that returns an error proves nothing: its frames may be complete in the write-ahead log, and a later
// recovery may then make them count. A repetition could write everything twice, and a plain error answer could be
// false. So the connection is closed, a new one looks for the commit marker, and the answers follow its result.
// `resolve_lost_commit` then makes this outcome final, before any further batch is accepted.

namespace danwa::sqlite {
namespace {

int keep_frames(void* frames, sqlite3* /*connection*/, const char* /*name*/, int count) {
  *static_cast<std::uint64_t*>(frames) = static_cast<std::uint64_t>(count);
  return SQLITE_OK;
}

/// A backup that was put in place under a running node has no write-ahead log yet. The change has to wait while others
/// read the file.
void prefer_write_ahead_log(Connection& connection) {
  try {
    Query{connection, "PRAGMA journal_mode = WAL"}.step();
  } catch (const SQLite::Exception&) {  // a rollback journal is safe as well
  }
}

}  // namespace

BatchCommitter::BatchCommitter(ConnectionOptions options, adapters::Logger& log, adapters::Metrics& metrics)
    : options_{std::move(options)}, log_{log}, metrics_{metrics} {
  open();
}

/// Decides the fate of a whole batch. Returns an error if all of it failed; otherwise each action has its own result.
std::optional<domain::Errors> BatchCommitter::transact(Batch& batch) {
  auto refused = refusal_of("database.not-ready", [this] { prepare(); });
  if (!refused) refused = batch.empty() ? begin_and_end() : transact_open(batch);
  if (!refused) healthy_ = true;
  return refused;
}

/// Does a step of a transaction. If it fails, rolls back, logs `event` and returns the error for the clients.
template <class Step>
std::optional<domain::Errors> BatchCommitter::refusal_of(const char* event, Step step) {
  try {
    step();
    return std::nullopt;
  } catch (const SchemaNewer& failure) {
    roll_back();
    healthy_ = false;
    if (!std::exchange(outdated_, true)) log_.error("database.schema-newer", {{"reason", failure.what()}});
    return storage::schema_newer();
  } catch (const SQLite::Exception& failure) {
    roll_back();
    return failed(event, failure);
  } catch (const std::runtime_error& failure) {
    roll_back();
    log_.error(event, {{"reason", failure.what()}});
    healthy_ = false;
    return storage::database_failed();
  }
}

std::optional<domain::Errors> BatchCommitter::transact_open(Batch& batch) {
  failpoint("before-begin");
  auto refused = refusal_of("database.batch-failed", [&] {
    begin();
    do_all(batch);
  });
  if (refused) return refused;
  failpoint("before-commit");
  try {
    connection_->execute("COMMIT");
    connection_->require_storage();
  } catch (const SQLite::Exception& failure) {
    metrics_.commit_failures.add();
    failed("database.commit-failed", failure);
    return look_up_lost();
  }
  failpoint("after-commit");
  metrics_.commits.add();
  metrics_.committed_actions.add(batch.size());
  return std::nullopt;
}

/// The transaction keeps others from migrating the file, so the schema stays the one that is checked here.
void BatchCommitter::begin() {
  connection_->execute("BEGIN IMMEDIATE");
  require_newest_schema(*connection_);
}

/// Takes and releases SQLite's write lock, to check that a write would be possible.
std::optional<domain::Errors> BatchCommitter::begin_and_end() {
  return refusal_of("database.not-ready", [this] {
    begin();
    connection_->execute("ROLLBACK");
  });
}

domain::Errors BatchCommitter::failed(const char* event, const SQLite::Exception& failure) {
  log_.error(event, {{"code", failure.getExtendedErrorCode()}, {"reason", failure.what()}});
  if (failure.getErrorCode() != SQLITE_BUSY) healthy_ = false;
  return to_errors(failure);
}

/// Makes the connection usable: follows a replaced file, finishes the lookup of a lost commit, and after a failure
/// proves by a small write that the file works again.
void BatchCommitter::prepare() {
  if (connection_ && connection_->has_moved()) {
    log_.error("database.replaced", {{"path", options_.path}});
    connection_.reset();
  }
  if (!connection_) open();
  if (unsettled_) resolve_lost_commit();
  if (!healthy_) overwrite_remains();  // a successful write makes the node healthy again
}

void BatchCommitter::open() {
  channels_.forget();
  auto fresh = std::make_unique<Connection>(options_);
  require_newest_schema(*fresh);
  prefer_write_ahead_log(*fresh);
  frame_bytes_ = fresh->frame_bytes();
  sqlite3_wal_hook(fresh->handle(), &keep_frames, &wal_frames_);
  connection_ = std::move(fresh);
}

/// Tries the batch without savepoints first, because they cost two statements per action and most batches do not need
/// them.
void BatchCommitter::do_all(Batch& batch) {
  if (attempt(batch, false) == Attempt::done) return;
  roll_back();
  if (!connection_) throw SQLite::Exception{"the transaction could not be rolled back", SQLITE_IOERR};
  begin();
  attempt(batch, true);
}

BatchCommitter::Attempt BatchCommitter::attempt(Batch& batch, bool savepoints) {
  channels_.begin(*connection_);
  WriteTransaction transaction{*connection_, channels_, std::nullopt, std::nullopt};
  for (const auto& action : batch) {
    if (savepoints) {
      perform_alone(*action, transaction);
    } else if (perform(*action, transaction) == Attempt::needs_savepoints) {
      return Attempt::needs_savepoints;
    }
  }
  channels_.flush(*connection_);
  last_update_ = transaction.last_update;
  erases_ = erases_ || transaction.erases;
  return Attempt::done;
}

/// Performs an action without a savepoint. It must then be done whole, or have changed nothing.
BatchCommitter::Attempt BatchCommitter::perform(WriteAction& action, WriteTransaction& transaction) {
  const auto changes = connection_->total_changes();
  const auto given = channels_.given();
  try {
    action.perform(transaction);
    if (action.succeeded()) return Attempt::done;
  } catch (const std::exception&) {  // the second attempt, with a savepoint, reports it
    return Attempt::needs_savepoints;
  }
  // An action that has failed but changed something would otherwise be committed in part.
  const bool changed = connection_->total_changes() != changes || channels_.given() != given;
  return changed ? Attempt::needs_savepoints : Attempt::done;
}

void BatchCommitter::perform_alone(WriteAction& action, WriteTransaction& transaction) {
  const auto last_update = transaction.last_update;
  connection_->execute("SAVEPOINT action");
  if (!perform_guarded(action, transaction)) {
    connection_->execute("ROLLBACK TO action");
    channels_.forget();
    transaction.last_update = last_update;
    transaction.epoch.reset();
  }
  connection_->execute("RELEASE action");
}

bool BatchCommitter::perform_guarded(WriteAction& action, WriteTransaction& transaction) {
  try {
    action.perform(transaction);
    if (!action.succeeded()) return false;
    channels_.flush(*connection_);
    return true;
  } catch (const SQLite::Exception& failure) {
    if (!connection_->in_transaction()) throw;  // SQLite has rolled back the whole transaction
    log_.error("database.action-failed", {{"code", failure.getExtendedErrorCode()}, {"reason", failure.what()}});
    action.reject(to_errors(failure));
  } catch (const std::exception& failure) {
    log_.error("database.action-failed", {{"reason", failure.what()}});
    action.reject(domain::DomainError{domain::ErrorKind::internal, "database-error", "", "The action failed."});
  }
  return false;
}

void BatchCommitter::roll_back() {
  channels_.forget();
  try {
    if (connection_ && connection_->in_transaction()) connection_->execute("ROLLBACK");
  } catch (const SQLite::Exception&) {
    connection_.reset();  // closing the connection rolls back
  }
}

/// After a failed COMMIT: opens a new connection, looks for the commit marker, and makes the outcome final.
std::optional<domain::Errors> BatchCommitter::look_up_lost() {
  connection_.reset();
  healthy_ = false;
  unsettled_ = true;
  lost_ = last_update_;
  try {
    open();
    const bool there = lost_ && took_place(*lost_);
    resolve_lost_commit();
    if (there) return std::nullopt;
  } catch (const SQLite::Exception& failure) {
    failed("database.not-settled", failure);
  } catch (const std::runtime_error& failure) {
    log_.error("database.not-settled", {{"reason", failure.what()}});
  }
  return storage::database_failed();
}

// After a failed COMMIT its frames may be in the write-ahead log, unsynced. If they do not count, which is the usual
// case, another commit overwrites the first of them, so that no recovery can ever find them. If they do count, they are
// copied into the database file, synced, and the log starts anew.
void BatchCommitter::resolve_lost_commit() {
  if (lost_ && took_place(*lost_)) {
    empty_wal();
  } else {
    overwrite_remains();
  }
  unsettled_ = false;
  lost_.reset();
}

/// Compares the subject, too, because another process may have written its own update at this position.
bool BatchCommitter::took_place(const CommitMarker& marker) {
  Query query{*connection_, "SELECT 1 FROM updates WHERE position = ? AND subject_id = ? AND seq = ?"};
  return query.bind(marker.position).bind(marker.subject).bind(marker.seq).step();
}

void BatchCommitter::empty_wal() {
  const int code =
      sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) throw SQLite::Exception{connection_->handle(), code};
}

/// Any small commit will do; the random value makes sure that a page changes.
void BatchCommitter::overwrite_remains() {
  require_newest_schema(*connection_);
  connection_->execute("INSERT OR REPLACE INTO meta(name, value) VALUES('settled', hex(randomblob(8)))");
}

void BatchCommitter::answer(Batch& batch, const std::optional<domain::Errors>& refused) {
  for (const auto& action : batch) {
    if (refused) {
      action->fail(*refused);
    } else {
      action->finish();
    }
  }
}

}  // namespace danwa::sqlite
