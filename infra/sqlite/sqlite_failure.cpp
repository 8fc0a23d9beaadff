#include "infra/sqlite/sqlite_failure.hpp"

#include <sqlite3.h>

namespace danwa::infra {

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

domain::Errors to_errors(const SQLite::Exception& failure) {
  switch (failure.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return database_busy();
    case SQLITE_FULL:
      return domain::unavailable("database-full", "The disk of the database is full; try again later.");
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return database_failed();
    default:
      return domain::DomainError{domain::ErrorKind::internal, "database-error", "",
                                 "The database refused a statement; this is a defect."};
  }
}

}  // namespace danwa::infra
