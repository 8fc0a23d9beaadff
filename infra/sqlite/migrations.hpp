#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "infra/sqlite/connection.hpp"

namespace danwa::sqlite {

/// The database has a schema that this program does not know, because a newer program has migrated it.
class SchemaNewer : public std::runtime_error {
 public:
  explicit SchemaNewer(int found);
};

/// Number of the newest schema. The file keeps its own as `PRAGMA user_version`.
int newest_schema();

int schema_of(Connection& connection);

/// Brings the file to the newest schema, one transaction per step, and creates its epoch. The caller holds the file's
/// kernel lock. Throws std::runtime_error for a file of a newer version or of another program.
void migrate(Connection& connection);

/// Throws std::runtime_error unless the file is a database of danwa with a known schema.
void require_known_schema(Connection& connection);

/// Throws SchemaNewer, or std::runtime_error for an older schema, unless the file has exactly the newest one. In a
/// transaction this is nearly free: the number is on a page that SQLite reads anyway.
void require_newest_schema(Connection& connection);

/// Opens the file at `path` for reading, unless `connection` has it open already; again if the path names another file
/// now. Throws like require_newest_schema.
Connection& opened(std::unique_ptr<Connection>& connection, const std::string& path);

}  // namespace danwa::sqlite
