#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "infra/storage/errors.hpp"

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

using storage::database_busy;
using storage::database_error;
using storage::database_failed;
using storage::database_full;
using storage::database_stopped;
using storage::outcome_unknown;
using storage::schema_newer;

/// Maps a failure to the caller's error: one of the above, or 503 `database-full`.
domain::Errors to_errors(const Failure& failure);

}  // namespace danwa::infra::pg
