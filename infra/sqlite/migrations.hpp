#pragma once

#include <stdexcept>

#include "infra/sqlite/connection.hpp"

namespace danwa::infra {

/// The database has a schema that this program does not know: a newer one has migrated it.
class SchemaNewer : public std::runtime_error {
 public:
  explicit SchemaNewer(int found);
};

/// Number of the newest schema; kept in the file as `PRAGMA user_version`.
int newest_schema();

int schema_of(Connection& connection);

/// Brings the file to the newest schema, one transaction a step, and makes its epoch. The caller holds the
/// file's kernel lock. Throws std::runtime_error for a file of a newer version or of another program.
void migrate(Connection& connection);

/// Throws std::runtime_error unless the file is a database of danwa of a schema that is known here.
void require_known_schema(Connection& connection);

/// Throws SchemaNewer, or std::runtime_error for an older one, unless the file has exactly the newest schema. In a
/// transaction it is nearly free: the number stands on the page that SQLite looks at anyway.
void require_newest_schema(Connection& connection);

}  // namespace danwa::infra
