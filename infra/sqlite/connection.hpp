#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace danwa::infra {

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

}  // namespace danwa::infra
