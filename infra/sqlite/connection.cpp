#include "infra/sqlite/connection.hpp"

#include <sqlite3.h>
#include <algorithm>
#include <condition_variable>
#include <mutex>

// A thin layer over SQLiteCpp. A connection sets everything on which its role depends: a reader cannot write
// (`query_only`), and a writer syncs each commit, overwrites deleted bytes (`secure_delete`) and never runs a
// checkpoint by itself. Statements are prepared once per connection and found by the address of their SQL constant, so
// a lookup hashes no text. Bound texts are not copied. The busy timeout is only a safety net, because writers queue at
// a kernel lock.

namespace danwa::sqlite {

domain::Errors to_errors(const SQLite::Exception& failure) {
  switch (failure.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return storage::database_busy();
    case SQLITE_FULL:
      return storage::database_full();
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return storage::database_failed();
    default:
      return storage::database_error();
  }
}

namespace {

constexpr std::uint64_t kFrameHeader = 24;  // bytes
constexpr int kBusyTimeoutMs = 1500;        // a safety net: writers queue on the kernel lock

int flags_of(const ConnectionOptions& options) {
  if (options.access == Access::read_only) return SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX;
  const int flags = SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX;
  return options.create ? flags | SQLite::OPEN_CREATE : flags;
}

}  // namespace

Connection::Connection(const ConnectionOptions& options) : database_{options.path, flags_of(options), kBusyTimeoutMs} {
  database_.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;");
  if (options.access == Access::read_only) {
    database_.exec("PRAGMA query_only = ON; PRAGMA cache_size = -8000;");
    return;
  }
  database_.exec(options.full_sync ? "PRAGMA synchronous = FULL;" : "PRAGMA synchronous = NORMAL;");
  database_.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON; PRAGMA cache_size = -32000;");
  if (options.max_pages > 0) database_.exec("PRAGMA max_page_count = " + std::to_string(options.max_pages) + ";");
}

SQLite::Statement& Connection::prepared(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) statement = std::make_unique<SQLite::Statement>(database_, sql);
  return *statement;
}

void Connection::execute(const char* sql) {
  SQLite::Statement& statement = prepared(sql);
  const int code = statement.tryExecuteStep();
  statement.tryReset();
  if (code != SQLITE_DONE && code != SQLITE_ROW) throw SQLite::Exception{handle(), code};
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

std::int64_t Connection::total_changes() const { return sqlite3_total_changes64(handle()); }

std::int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(handle()); }

std::uint64_t Connection::frame_bytes() {
  SQLite::Statement& statement = prepared("PRAGMA page_size");
  const std::uint64_t page = statement.executeStep() ? statement.getColumn(0).getUInt() : 0;
  statement.reset();
  return page + kFrameHeader;
}

bool Connection::has_moved() const {
  int moved = 0;
  return sqlite3_file_control(handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

void Connection::require_storage() {
  sqlite3_file* file = nullptr;
  char byte = 0;
  int code = sqlite3_file_control(handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) code = file->pMethods->xRead(file, &byte, 1, 0);
  if (code != SQLITE_OK) throw SQLite::Exception{"the file cannot be read behind a commit", code};
}

ReadTransaction::ReadTransaction(Connection& connection) : connection_{connection} { connection_.execute("BEGIN"); }

ReadTransaction::~ReadTransaction() {
  try {
    connection_.execute("COMMIT");
  } catch (const SQLite::Exception&) {  // a failed read has ended the transaction already
  }
}

bool sleep_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock{mutex};
  return !stopped.wait_for(lock, stop, time, [&stop] { return stop.stop_requested(); });
}

Query& Query::bind(std::int64_t value) {
  statement_.bind(++bound_, value);
  return *this;
}

Query& Query::bind(const std::string& text) {
  statement_.bindNoCopy(++bound_, text);
  return *this;
}

Query& Query::bind(const std::optional<std::string>& text) { return text ? bind(*text) : bind_null(); }

Query& Query::bind(const std::string* text) { return text != nullptr ? bind(*text) : bind_null(); }

Query& Query::bind(const domain::Uuid& id) {
  statement_.bindNoCopy(++bound_, id.bytes().data(), static_cast<int>(id.bytes().size()));
  return *this;
}

Query& Query::bind_null() {
  statement_.bind(++bound_);
  return *this;
}

bool Query::step() {
  const int code = statement_.tryExecuteStep();
  if (code != SQLITE_ROW && code != SQLITE_DONE) throw SQLite::Exception{connection_.handle(), code};
  return code == SQLITE_ROW;
}

void Query::run() {
  while (step()) {
  }
}

std::int64_t Query::integer(int column) const { return statement_.getColumn(column).getInt64(); }

std::string Query::text(int column) const { return statement_.getColumn(column).getString(); }

std::string_view Query::view(int column) const {
  const auto value = statement_.getColumn(column);
  const char* text = value.getText();
  return {text, static_cast<std::size_t>(value.getBytes())};
}

std::optional<std::string> Query::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

domain::Uuid Query::uuid(int column) const {
  const auto value = statement_.getColumn(column);
  domain::Uuid::Bytes bytes{};
  if (value.getBytes() != static_cast<int>(bytes.size())) {
    throw SQLite::Exception{"an id in the database is not 16 bytes", SQLITE_CORRUPT};
  }
  const auto* stored = static_cast<const std::uint8_t*>(value.getBlob());
  std::copy_n(stored, bytes.size(), bytes.begin());
  return domain::Uuid{bytes};
}

domain::Timestamp Query::time(int column) const {
  return domain::Timestamp{std::chrono::milliseconds{integer(column)}};
}

}  // namespace danwa::sqlite
