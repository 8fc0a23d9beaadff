#pragma once

#include <libpq-fe.h>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/persistence/rows.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/session.hpp"

namespace danwa::postgres {

/// A connection with blocking calls, for work before a node serves. Throws std::runtime_error with a sentence that
/// holds no password.
class BlockingConnection {
 public:
  /// Connects to the first usable host that answers. Waits at most `limit` per host, rounded up to whole seconds, at
  /// least 2, because libpq counts so. Throws SharedSession behind a pooler that shares sessions.
  BlockingConnection(const std::vector<Target>& targets, std::chrono::milliseconds limit);

  /// Runs the statements of `script`, each in a transaction of its own.
  std::vector<Rows> run(const Script& script);

  /// Runs statements without parameters; returns the rows of the last one.
  Rows execute(const std::string& sql);

  /// Starts a `COPY ... FROM STDIN`. Only `put` is allowed until `end_copy`.
  void start_copy(const std::string& sql);
  void put(std::string_view lines);
  void end_copy();

 private:
  void begin_session(const Target& target);
  [[noreturn]] void fail();

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

/// Fills an empty database from another one, in one transaction: nothing is visible before `commit`. Nodes that use
/// the database wait meanwhile. Blocks. Throws std::runtime_error with one clear sentence if the database is
/// unreachable or not empty, or if rows are rejected or missing at the end.
///
///     DatabaseImport import{url};
///     for (const auto& table : adapters::kCopiedTables) {
///       import.start(table);
///       source.read(table, [&](const auto& row) { import.write(row); });
///       import.finish();
///     }
///     import.commit(epoch);
class DatabaseImport {
 public:
  /// Connects, and brings the schema up to date.
  explicit DatabaseImport(const std::string& url);

  void start(const adapters::CopiedTable& table);
  void write(const adapters::CopiedRow& row);

  /// Returns how many rows of the table were written. Throws if the database does not hold as many.
  std::uint64_t finish();

  /// Throws if a log has a hole. `epoch` becomes the epoch of the database.
  void commit(const domain::Epoch& epoch);

 private:
  BlockingConnection connection_;
  adapters::CopiedTable table_{};
  std::uint64_t written_ = 0;
  std::string waiting_;  ///< lines not sent yet
};

}  // namespace danwa::postgres
