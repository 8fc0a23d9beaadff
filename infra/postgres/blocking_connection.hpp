#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "infra/postgres/rows.hpp"
#include "infra/postgres/target.hpp"

namespace danwa::infra::pg {

/// A connection whose calls block: for what is done before a node serves. Throws std::runtime_error with a
/// sentence that holds no password.
class BlockingConnection {
 public:
  /// To the first host that answers. At most `limit` a host, in whole seconds and 2 at least, as libpq counts.
  BlockingConnection(const std::vector<Target>& targets, std::chrono::milliseconds limit);

  /// Runs statements without parameters; answers the last one's rows.
  Rows execute(const std::string& sql);

  /// Starts a `COPY ... FROM STDIN`; between that and `end_copy` nothing but `put`.
  void start_copy(const std::string& sql);
  void put(std::string_view lines);
  void end_copy();

 private:
  [[noreturn]] void fail();

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace danwa::infra::pg
