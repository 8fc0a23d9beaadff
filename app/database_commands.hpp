#pragma once

#include <string>

#include "app/settings/settings.hpp"

namespace danwa::app {

// What an operator does with the database of the settings. Each prints what it did on standard output and answers the
// exit status: 0; 2 when it is another program's work, which it explains on standard error. Throw std::runtime_error,
// with one clear sentence, when it could not be done; then nothing was changed.

/// Brings the schema up to date, or makes the database.
int migrate_database(const DatabaseSettings& database);

/// Copies it to the file `target` while nodes run.
int back_up_database(const DatabaseSettings& database, const std::string& target);

/// Copies the SQLite database of the URL `from`, whole or not at all, into `target`, an empty one of PostgreSQL.
int copy_database(const std::string& from, const DatabaseSettings& target);

/// Puts the file `source`, which `back_up_database` made, in its place, under a new epoch.
int restore_database(const DatabaseSettings& database, const std::string& source);

}  // namespace danwa::app
