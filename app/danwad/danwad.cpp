#include <sys/stat.h>
#include <cstdio>
#include <exception>
#include <string>

#include "app/danwad/commands.hpp"
#include "app/danwad/node.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "infra/log/steady_output.hpp"
#include "infra/system/process.hpp"

// danwad, the server: parses the command line, then runs a node or one of the database commands. Errors end as one line
// each on standard error, with exit status 1, or 2 for a wrong command line.

namespace {

using namespace danwa;

int execute(const app::DanwadArguments& arguments) {
  const app::SettingsSources sources{arguments.file, app::process_environment(), arguments.overrides};
  const auto load = [&sources] { return app::load_settings(sources); };
  const auto database = [&sources] { return app::to_database_settings(app::read_values(sources)); };
  switch (arguments.command) {
    case app::DanwadCommand::help:
      std::fputs(app::danwad_help().c_str(), stdout);
      return 0;
    case app::DanwadCommand::version:
      std::puts("danwad " DANWA_VERSION);
      return 0;
    case app::DanwadCommand::check:
      app::check_settings(sources);
      std::puts("The settings are right.");
      return 0;
    case app::DanwadCommand::print:
      std::fputs(app::print(app::read_values(sources)).c_str(), stdout);
      return 0;
    case app::DanwadCommand::migrate:
      return app::migrate_database(database());
    case app::DanwadCommand::backup:
      return app::back_up_database(database(), arguments.copy);
    case app::DanwadCommand::restore:
      return app::restore_database(database(), arguments.copy);
    case app::DanwadCommand::copy: {
      auto target = database();
      if (!arguments.to.empty()) target.master = arguments.to;
      return app::copy_database(arguments.from, target);
    }
    case app::DanwadCommand::serve:
      const system::Signals signals;
      return app::run(load(), signals, load);
  }
  return 0;
}

void complain(const std::string& what) { log::say_on_stderr("danwad: " + what); }

}  // namespace

int main(int argc, char** argv) {
  system::prepare_standard_streams();
  ::unsetenv("PGHOSTADDR");  // libpq would prefer it to the URL of the settings
  ::umask(0077);             // the node's files contain private comments
  try {
    return execute(app::parse_arguments({argv + 1, argv + argc}));
  } catch (const app::UsageError& error) {
    complain(std::string{error.what()} + "; try danwad --help");
    return 2;
  } catch (const app::SettingsError& error) {
    for (const auto& line : error.lines()) complain(line);
    return 1;
  } catch (const std::exception& error) {
    complain(error.what());
    return 1;
  }
}
