#pragma once

#include <SQLiteCpp/Exception.h>

#include "domain/core/error.hpp"

namespace danwa::infra {

/// 503 `database-busy`: too many actions or reads wait, or another process holds the file.
domain::Errors database_busy();

/// 503 `database-failed`: the file cannot be used now; nothing was changed as far as is known.
domain::Errors database_failed();

/// 503 `schema-newer`: a node of a newer version has migrated the database; this node writes nothing any more.
domain::Errors schema_newer();

/// 503 `database-stopped`: the node is ending.
domain::Errors database_stopped();

/// Maps a failed statement to the caller's error: `database-busy`, `database-full`, `database-failed` (all
/// unavailable), or `database-error` (internal) for a defect of danwa.
domain::Errors to_errors(const SQLite::Exception& failure);

}  // namespace danwa::infra
