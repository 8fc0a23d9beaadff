#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

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

}  // namespace danwa::app
