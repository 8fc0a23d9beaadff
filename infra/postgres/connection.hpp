#pragma once

#include <utility>

#include <libpq-fe.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "infra/postgres/failure.hpp"
#include "infra/postgres/host_lookup.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/target.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::infra::pg {

/// One connection to a server, without a thread of its own. Runs on: the database's io thread; one call at a time; the
/// connection must outlive the call. Unusable after a failure that is `lost()`.
class Connection {
 public:
  explicit Connection(boost::asio::io_context& io) : io_{io}, limit_{io} {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Throws Failure if there is no connection within `limit`, std::runtime_error if the server is unsuitable.
  usecase::Async<void> open(const Target& target, std::chrono::milliseconds limit);

  /// Sends the whole `script`, then reads all answers, one per statement. A statement is prepared on its first use.
  /// Throws Failure: that of the first rejected statement, after all answers were read, or that of the connection.
  usecase::Async<std::vector<Rows>> run(const Script& script, std::chrono::milliseconds limit);

  /// Fails the current call, if any, as lost.
  void abort(const char* why);

  bool usable() const { return usable_; }

  /// True if the server has sent a warning in the latest call. Resets.
  bool take_warning() { return std::exchange(warned_, false); }

 private:
  using Socket = boost::asio::posix::stream_descriptor;
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  /// Aborts a call that takes too long.
  struct Guard {
    explicit Guard(Connection& connection, std::chrono::milliseconds limit);
    ~Guard();
    Connection& connection;
  };
  struct Sent {
    bool prepared_now;
  };

  static void note_warning(void* self, const PGresult* notice);
  usecase::Async<void> shake_hands();
  std::vector<Sent> send(const Script& script);
  bool prepare(const char* sql);
  usecase::Async<void> flush();
  usecase::Async<std::vector<Rows>> receive(const Script& script, const std::vector<Sent>& sent);
  usecase::Async<Rows> answer();
  usecase::Async<void> expect_sync();
  usecase::Async<PGresult*> next_result();
  usecase::Async<void> wait(Socket::wait_type direction);
  usecase::Async<void> wait_any();
  void consume();
  void attach_socket();
  [[noreturn]] void lose(const std::string& why);

  boost::asio::io_context& io_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::optional<Socket> socket_;  ///< a duplicate of libpq's descriptor, owned here
  std::unordered_map<const char*, std::string> prepared_;
  HostLookup lookup_;
  boost::asio::steady_timer limit_;
  std::uint64_t call_ = 0;  ///< distinguishes a late timer from the current call's
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  const char* aborted_ = nullptr;
  bool usable_ = false;
  bool warned_ = false;
};

}  // namespace danwa::infra::pg
