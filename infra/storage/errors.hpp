#pragma once

#include "domain/core/error.hpp"

// What a database answers when it cannot do what it should.
namespace danwa::storage {

/// 503 `database-busy`: too much waits, or somebody else holds what is needed.
domain::Errors database_busy();

/// 503 `database-failed`: the database cannot be used now; nothing was changed as far as is known.
domain::Errors database_failed();

/// 503 `database-full`.
domain::Errors database_full();

/// 503 `schema-newer`: a node of a newer version has migrated the database; this one writes nothing any more.
domain::Errors schema_newer();

/// 503 `database-stopped`: the node is ending.
domain::Errors database_stopped();

/// 503 `outcome-unknown`: the connection was lost during a commit, and the database could not be asked since.
domain::Errors outcome_unknown();

/// 500 `database-error`: a defect of ours; its details stay in the log.
domain::Errors database_error();

}  // namespace danwa::storage
