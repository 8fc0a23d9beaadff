#include "infra/postgres/failure.hpp"

#include <string_view>

namespace danwa::infra::pg {
namespace {

/// Classes of SQLSTATE that concern the server, not the statement: connection, resources, operator, system, read-only,
/// configuration.
bool is_of_the_server(std::string_view state) {
  const auto kind = state.substr(0, 2);
  return kind == "08" || kind == "53" || kind == "57" || kind == "58" || kind == "XX" || kind == "F0" ||
         state == "25006";
}

}  // namespace

domain::Errors database_busy() { return domain::unavailable("database-busy", "The database is busy; try again."); }

domain::Errors database_failed() {
  return domain::unavailable("database-failed", "The database cannot be used now; try again.");
}

domain::Errors schema_newer() {
  return domain::unavailable("schema-newer", "A newer version has migrated the database; this node must be updated.");
}

domain::Errors database_stopped() {
  return domain::unavailable("database-stopped", "The node is shutting down; try again.");
}

domain::Errors outcome_unknown() {
  return domain::unavailable("outcome-unknown",
                             "The outcome of this request is unknown; a retry with the same Idempotency-Key is safe.");
}

domain::Errors database_error() {
  return domain::DomainError{domain::ErrorKind::internal, "database-error", "",
                             "The database refused a statement; this is a defect."};
}

domain::Errors to_errors(const Failure& failure) {
  if (failure.lost()) return database_failed();
  if (failure.is_locked() || failure.state() == "40P01" || failure.state() == "40001" || failure.state() == "53300") {
    return database_busy();
  }
  if (failure.state() == "53100") {
    return domain::unavailable("database-full", "The disk of the database is full; try again later.");
  }
  return is_of_the_server(failure.state()) ? database_failed() : database_error();
}

}  // namespace danwa::infra::pg
