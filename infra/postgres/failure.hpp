#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "domain/core/error.hpp"

namespace danwa::infra::pg {

/// Why a statement or a connection did not work. Never holds a password.
class Failure : public std::runtime_error {
 public:
  /// A statement was refused; the connection goes on.
  Failure(std::string state, const std::string& message) : std::runtime_error{message}, state_{std::move(state)} {}

  /// The connection is gone, or was never made.
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
  bool is_locked() const { return state_ == "55P03" || state_ == "57014"; }  ///< waited too long for a lock
  bool may_pass() const { return state_ == "40P01" || state_ == "40001" || state_ == "23505"; }  ///< on a second try

 private:
  static constexpr const char* kSchemaNewer = "DW001";  // a class that PostgreSQL does not use

  std::string state_;
  bool lost_ = false;
};

/// 503 `database-busy`: too much waits, or somebody else holds what is needed.
domain::Errors database_busy();

/// 503 `database-failed`: the database cannot be used now; nothing was changed.
domain::Errors database_failed();

/// 503 `schema-newer`: a node of a newer version has migrated the database; this one writes nothing any more.
domain::Errors schema_newer();

/// 503 `database-stopped`: the node is ending.
domain::Errors database_stopped();

/// 503 `outcome-unknown`: the connection was lost during a commit, and the database could not be asked since.
domain::Errors outcome_unknown();

/// 500 `database-error`: a defect of ours; its details stay in the log.
domain::Errors database_error();

/// What a failure means for the caller: one of the above, or 503 `database-full`.
domain::Errors to_errors(const Failure& failure);

}  // namespace danwa::infra::pg
