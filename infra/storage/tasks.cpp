#include "infra/storage/tasks.hpp"

namespace danwa::storage {

using domain::unavailable;

domain::Errors database_busy() { return unavailable("database-busy", "The database has too much to do; try again."); }

domain::Errors database_failed() {
  return unavailable("database-failed", "The database cannot be used now; try again.");
}

domain::Errors database_full() { return unavailable("database-full", "The database has no room; try again later."); }

domain::Errors schema_newer() {
  return unavailable("schema-newer",
                     "A newer version has migrated the database; this node has to be brought up to date.");
}

domain::Errors database_stopped() { return unavailable("database-stopped", "The node is ending; try again."); }

domain::Errors outcome_unknown() {
  return unavailable("outcome-unknown",
                     "Whether this was done is not known now; to try again with the same Idempotency-Key is safe.");
}

domain::Errors database_error() {
  return domain::DomainError{domain::ErrorKind::internal, "database-error", "",
                             "The database refused a statement; this is a defect."};
}

}  // namespace danwa::storage
