#pragma once

#include <sqlite3.h>

#include <string>
#include <utility>

#include "infra/sqlite/sqlite_database.hpp"
#include "support/quiet_logger.hpp"
#include "support/storage.hpp"

namespace danwa::tests {

/// A database as a node has it, and a caller of it.
struct Node {
  explicit Node(sqlite::SqliteOptions options) : opened{sqlite::open_database(std::move(options), logger, metrics)} {}
  ~Node() { database.stop(); }  // before the io_context that it posts to goes
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  QuietLogger logger;
  adapters::Metrics metrics;
  const std::unique_ptr<storage::Database> opened;
  storage::Database& database{*opened};
  Storage storage{database.comments(), database.log(), database.conversations(), database.notifications()};
};

/// The first column of the first row of `sql`, by a plain connection.
inline std::string query_text(const std::string& path, const std::string& sql) {
  sqlite3* raw = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::string text;
  sqlite3_open(path.c_str(), &raw);
  if (sqlite3_prepare_v2(raw, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_bytes(statement, 0) > 0) {
    text.assign(static_cast<const char*>(sqlite3_column_blob(statement, 0)),
                static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
  }
  sqlite3_finalize(statement);
  sqlite3_close(raw);
  return text;
}

inline int execute_sql(const std::string& path, const std::string& sql) {
  sqlite3* raw = nullptr;
  sqlite3_open(path.c_str(), &raw);
  const int code = sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(raw);
  return code;
}

}  // namespace danwa::tests
