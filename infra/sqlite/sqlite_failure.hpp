#pragma once

#include <SQLiteCpp/Exception.h>

#include "infra/storage/errors.hpp"

namespace danwa::infra {

using storage::database_busy;
using storage::database_error;
using storage::database_failed;
using storage::database_full;
using storage::database_stopped;
using storage::schema_newer;

/// Maps a failed statement to the caller's error: `database-busy`, `database-full`, `database-failed` (all
/// unavailable), or `database-error` (internal) for a defect of danwa.
domain::Errors to_errors(const SQLite::Exception& failure);

}  // namespace danwa::infra
