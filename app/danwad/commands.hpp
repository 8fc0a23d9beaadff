#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/danwad/settings/settings.hpp"

namespace danwa::app {

enum class DanwadCommand { serve, check, print, migrate, backup, restore, copy, help, version };

/// The parsed command line of danwad.
struct DanwadArguments {
  DanwadCommand command = DanwadCommand::serve;
  std::optional<std::string> file{};
  std::vector<std::string> overrides{};
  std::string copy{};  ///< the file that backup makes or restore takes
  std::string from{};  ///< the database that copy reads
  std::string to{};    ///< the database that copy fills; empty: that of the settings
};

/// The fault of a command line, in one line.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws UsageError.
DanwadArguments parse_arguments(const std::vector<std::string>& arguments);

/// The text of `--help`, with every setting.
std::string danwad_help();

// Commands of an operator on the database of the settings. Each prints its result on standard output and returns the
// exit status: 0, or 2 if another program must do the work, which is then explained on standard error. Throws
// std::runtime_error with one clear sentence if it failed; then nothing was changed.

/// Brings the schema up to date, or creates the database.
int migrate_database(const DatabaseSettings& database);

/// Copies the database to the file `target` while nodes run.
int back_up_database(const DatabaseSettings& database, const std::string& target);

/// Copies the SQLite database of the URL `from` into `target`, an empty PostgreSQL database. It is copied as a whole or
/// not at all.
int copy_database(const std::string& from, const DatabaseSettings& target);

/// Makes the database from `source`, a file of `back_up_database`, under a new epoch.
int restore_database(const DatabaseSettings& database, const std::string& source);

}  // namespace danwa::app
