#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"
#include "infra/storage/tasks.hpp"

namespace danwa::sqlite {

/// Maps a failed statement to the caller's error: `database-busy`, `database-full`, `database-failed` (all
/// unavailable), or `database-error` (internal) for a defect of danwa.
domain::Errors to_errors(const SQLite::Exception& failure);

enum class Access { read_write, read_only };

struct ConnectionOptions {
  std::string path{};
  Access access = Access::read_only;
  bool full_sync = true;
  bool create = false;          ///< read_write only
  std::uint64_t max_pages = 0;  ///< 0: no limit set by danwa
};

/// One connection to the file, with its prepared statements. Used by one thread at a time. Every member may throw
/// SQLite::Exception.
class Connection {
 public:
  explicit Connection(const ConnectionOptions& options);

  /// The statement of `sql`, prepared on its first use. `sql` must be a constant, because its address is the key.
  SQLite::Statement& prepared(const char* sql);

  /// A statement that is run once and not kept.
  SQLite::Statement prepared_once(const std::string& sql) { return SQLite::Statement{database_, sql}; }

  /// Runs a statement without values or rows; kept like the others.
  void execute(const char* sql);

  bool in_transaction() const;
  std::int64_t total_changes() const;
  std::int64_t last_insert_id() const;

  /// Size of one page in the write-ahead log, with its header.
  std::uint64_t frame_bytes();

  /// True if the path now names another file than the open one, or none.
  bool has_moved() const;

  /// Throws unless the file can still be read below SQLite's cache. Called after a COMMIT, it shows whether the success
  /// can be trusted: a file system that shuts down discards its open journal transaction and marks it as finished, so
  /// an fsync that was about to wait for it finds nothing to wait for and succeeds (Linux, jbd2).
  void require_storage();

  sqlite3* handle() const { return database_.getHandle(); }

 private:
  SQLite::Database database_;
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
};

/// A snapshot for several reads. Ends with the scope, without throwing.
class ReadTransaction {
 public:
  explicit ReadTransaction(Connection& connection);
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  Connection& connection_;
};

/// Sleeps for `time`. False: the thread is asked to stop; it then wakes at once.
bool sleep_for(std::chrono::milliseconds time, const std::stop_token& stop);

/// One use of a prepared statement: bind the values in order, then read the rows. The destructor resets the statement,
/// so that no transaction stays open. Bound texts and ids must outlive the query. At most one query per statement at a
/// time. Throws SQLite::Exception.
///
///     Query query{connection, "SELECT head FROM channels WHERE id = ?"};
///     query.bind(id);
///     if (query.step()) head = query.integer(0);
class Query {
 public:
  Query(Connection& connection, const char* sql) : connection_{connection}, statement_{connection.prepared(sql)} {}
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(const std::string& text);
  Query& bind(const std::optional<std::string>& text);
  Query& bind(const std::string* text);  ///< null pointer: NULL
  Query& bind(const domain::Uuid& id);
  Query& bind(domain::Timestamp time) { return bind(static_cast<std::int64_t>(time.time_since_epoch().count())); }
  Query& bind_null();

  bool step();  ///< to the next row; false: there is none
  void run();   ///< for statements without rows

  /// Calls `take` with this query at one row after the other, until it returns false.
  template <class Take>
  void each(Take take) {
    while (step() && take(static_cast<const Query&>(*this))) continue;
  }

  bool is_null(int column) const { return statement_.isColumnNull(column); }
  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  bool truth(int column) const { return integer(column) != 0; }
  std::string text(int column) const;
  std::string_view view(int column) const;  ///< valid until the next step; NULL: empty
  std::optional<std::string> optional_text(int column) const;
  domain::Uuid uuid(int column) const;
  domain::Timestamp time(int column) const;

 private:
  Connection& connection_;
  SQLite::Statement& statement_;
  int bound_ = 0;
};

}  // namespace danwa::sqlite
