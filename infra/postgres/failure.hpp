#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "domain/core/error.hpp"

namespace danwa::infra::pg {

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

/// 503 `database-busy`: too many actions or reads wait, or another transaction holds a lock.
domain::Errors database_busy();

/// 503 `database-failed`: the database cannot be used now; nothing was changed.
domain::Errors database_failed();

/// 503 `schema-newer`: a node of a newer version has migrated the database; this node writes nothing any more.
domain::Errors schema_newer();

/// 503 `database-stopped`: the node is ending.
domain::Errors database_stopped();

/// 503 `outcome-unknown`: the connection was lost during a commit, and the outcome could not be looked up.
domain::Errors outcome_unknown();

/// 500 `database-error`: a defect of danwa; the details are in the log.
domain::Errors database_error();

/// Maps a failure to the caller's error: one of the above, or 503 `database-full`.
domain::Errors to_errors(const Failure& failure);

}  // namespace danwa::infra::pg
