#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/danwad/settings/settings.hpp"
#include "infra/system/process.hpp"

namespace danwa::app {

enum class DanwadCommand { serve, check, print, migrate, backup, restore, copy, help, version };

/// What the command line of danwad asks for.
struct DanwadArguments {
  DanwadCommand command = DanwadCommand::serve;
  std::optional<std::string> file{};
  std::vector<std::string> overrides{};
  std::string copy{};  ///< the file that backup makes or restore takes
  std::string from{};  ///< the database that copy reads
  std::string to{};    ///< the one that it fills; empty: that of the settings
};

/// What the command line gets wrong, in one line.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws UsageError.
DanwadArguments parse_arguments(const std::vector<std::string>& arguments);

/// The text of `--help`, with every setting.
std::string danwad_help();

/// Runs a node until a signal ends it, drained; returns the exit status. `reload` gives the settings anew
/// at SIGHUP; their log level is taken over. Throws std::runtime_error with one clear line when the node
/// cannot start.
int run(const Settings& settings, const system::Signals& signals, const std::function<Settings()>& reload);

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
