#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "infra/postgres/connection.hpp"
#include "infra/postgres/session.hpp"

namespace danwa::infra::pg {

/// A connection to whichever of a server's hosts answers, made when it is needed and made again when it is
/// lost. After a failure it refuses for a moment, so that who waits is not made to wait in turn.
/// Runs on: the database's io thread; one user.
class Link {
 public:
  struct Needs {
    std::vector<Target> targets;
    std::chrono::milliseconds connect_timeout;  ///< per host
    SessionLimits limits;                       ///< of each of its sessions
  };

  Link(boost::asio::io_context& io, Needs needs) : io_{io}, needs_{std::move(needs)} {}

  /// The connection, which stays valid until `drop`. Throws Failure (lost).
  usecase::Async<Connection*> connected();

  bool is_open() const { return connection_ && connection_->usable(); }

  /// Of the host that answered last.
  const std::string& host() const { return needs_.targets[last_].name; }

  /// Ends the call under way as lost. The next one connects anew.
  void abort(const char* why) {
    if (connection_) connection_->abort(why);
  }

  /// Closes; not to be called while a call is under way.
  void drop() { connection_.reset(); }

  /// From now on nothing is connected; an attempt under way fails.
  void stop();

 private:
  usecase::Async<std::optional<Failure>> connect(std::size_t target);
  usecase::Async<void> begin_session(const Target& target);

  boost::asio::io_context& io_;
  const Needs needs_;
  std::unique_ptr<Connection> connection_;
  std::size_t last_ = 0;  ///< the target that answered
  std::optional<Failure> refusal_;
  std::chrono::steady_clock::time_point refused_until_{};
  bool connecting_ = false;
  bool stopped_ = false;
};

}  // namespace danwa::infra::pg
