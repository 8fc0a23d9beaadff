#pragma once

#include "infra/sqlite/connection.hpp"

namespace danwa::infra {

/// Number of the newest schema; kept in the file as `PRAGMA user_version`.
int newest_schema();

int schema_of(Connection& connection);

/// Brings the file to the newest schema, one transaction a step, and makes its epoch. The caller holds the
/// file's kernel lock. Throws std::runtime_error for a file of a newer version or of another program.
void migrate(Connection& connection);

/// Throws std::runtime_error unless the file is a database of danwa of a schema that is known here.
void require_known_schema(Connection& connection);

/// Throws std::runtime_error unless the file has exactly the newest schema.
void require_newest_schema(Connection& connection);

}  // namespace danwa::infra
