#pragma once

#include <libpq-fe.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "infra/postgres/script.hpp"
#include "infra/postgres/session.hpp"
#include "infra/storage/tasks.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::postgres {

/// The reason why a statement or a connection failed. Never holds a password.
class Failure : public std::runtime_error {
 public:
  /// A statement was rejected; the connection remains usable.
  Failure(std::string state, const std::string& message) : std::runtime_error{message}, state_{std::move(state)} {}

  /// The connection is lost, or could not be opened.
  static Failure of_connection(const std::string& message) {
    Failure failure{"08006", message};
    failure.lost_ = true;
    return failure;
  }

  /// A newer program has migrated the database.
  static Failure of_schema(int found, int known) {
    return Failure{kSchemaNewer, "the database has schema " + std::to_string(found) + ", this program knows up to " +
                                     std::to_string(known) + "; use a newer program"};
  }

  const std::string& state() const { return state_; }  ///< SQLSTATE
  bool lost() const { return lost_; }

  bool is_of_schema() const { return state_ == kSchemaNewer; }
  bool is_locked() const { return state_ == "55P03" || state_ == "57014"; }  ///< a lock was not granted in time
  bool may_pass() const {
    return state_ == "40P01" || state_ == "40001" || state_ == "23505";
  }  ///< a second attempt may succeed

 private:
  static constexpr const char* kSchemaNewer = "DW001";  // a class that PostgreSQL does not use

  std::string state_;
  bool lost_ = false;
};

/// Maps a failure to the caller's error: one of storage/tasks.hpp.
domain::Errors to_errors(const Failure& failure);

/// Waits for `work`, and returns the failure in which it ends, if any. Any other exception counts as a lost connection.
usecase::Async<std::optional<Failure>> failure_of(usecase::Async<void> work);

/// Resolves the name of a server on threads of its own. libpq's own lookup would block the io thread for as long as a
/// name server does not answer. Runs on: the io thread; one lookup at a time.
class HostLookup {
 public:
  /// Returns `target` with the addresses of its host (libpq's `hostaddr`, which libpq tries in turn), or unchanged if
  /// there is nothing to resolve. Throws Failure if the name has no address, or if cancel() comes first.
  usecase::Async<Target> look_up(Target target);

  /// Fails the lookup in progress, if any, at once.
  void cancel();

 private:
  class Question;

  std::shared_ptr<Question> question_;
};

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

  static void note_warning(void* self, const PGresult* notice);
  usecase::Async<void> shake_hands();
  std::vector<bool> send(const Script& script);
  bool prepare(const char* sql);
  usecase::Async<void> flush();
  usecase::Async<std::vector<Rows>> receive(const Script& script, const std::vector<bool>& prepared_now);
  usecase::Async<Rows> answer();
  usecase::Async<void> expect_sync();
  usecase::Async<Rows> next_result();
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

}  // namespace danwa::postgres
