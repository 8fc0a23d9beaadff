#include "infra/sqlite/sqlite_failure.hpp"

#include <sqlite3.h>

namespace danwa::infra {

domain::Errors to_errors(const SQLite::Exception& failure) {
  switch (failure.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return database_busy();
    case SQLITE_FULL:
      return database_full();
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
      return database_error();
  }
}

}  // namespace danwa::infra
