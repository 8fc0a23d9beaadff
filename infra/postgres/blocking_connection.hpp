#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/target.hpp"

namespace danwa::infra::pg {

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

}  // namespace danwa::infra::pg
