#include "app/danwad/commands.hpp"
#include "app/danwad/settings/known_keys.hpp"

// The command line of danwad. It has few options, so it is read without a library. Options and the words of a command
// may come in any order. Settings are not options of their own: `--set` takes any of them, and the help lists them from
// known_keys.hpp, so a new setting needs no change here.

namespace danwa::app {
namespace {

constexpr const char* kUsage = R"(danwad: a node of danwa, a clustered chat backend whose readers lose nothing.

Usage:
  danwad [-c FILE] [--set KEY=VALUE]...                 serve until SIGTERM
  danwad [-c FILE] [--set KEY=VALUE]... config check    say whether the settings are right, or all that is wrong
  danwad [-c FILE] [--set KEY=VALUE]... config print    show every setting, as a file
  danwad [-c FILE] [--set KEY=VALUE]... migrate         bring the database to this version's schema, or make it
  danwad [-c FILE] [--set KEY=VALUE]... backup COPY     copy the database to the file COPY, while nodes run
  danwad [-c FILE] [--set KEY=VALUE]... restore COPY    make the database from COPY, under a new epoch
  danwad [-c FILE] [--set KEY=VALUE]... copy --from sqlite:PATH [--to postgres://...]
                                                        move all into an empty PostgreSQL, database.master by default
  danwad --help | --version

Without any setting it serves http://127.0.0.1:8080 in development mode: the bearer string is the user.

  danwad --set http.listen=127.0.0.1:8081 --set database.master=sqlite:/tmp/danwa.db
  curl -d '{"content":"hello","conversationKey":"lobby"}' -H 'Content-Type: application/json' \
       -H 'Authorization: Bearer user-1' http://127.0.0.1:8081/v1/comments
  curl http://127.0.0.1:8081/v1/conversations/lobby/updates

Settings come from the defaults, then FILE (TOML), then the environment (DANWA_HTTP_LISTEN for http.listen; empty is
unset; DANWA_CLUSTER_SECRET_FILE names a file that holds the secret), then --set; the last wins. The elements of a list
are separated by blanks or commas. Variables that Kubernetes or Docker set for a service named danwa are no settings.

A node listens on every address of a name, and with :8080 on every address of the host.

backup copies one state between two commits, whoever writes meanwhile; the copy is checked, synced and gets its name
last, and no file is ever overwritten. restore wants the old database moved away, with its -wal and -shm, and every
node stopped; clients that have seen the old one are told to load afresh. A node migrates by itself when it starts.

copy keeps every number, id and epoch, so that clients go on where they are: stop the nodes, copy, start them on the
new database. It is done whole or not at all.

  danwad -c danwad.toml backup "/backup/danwa-$(date +%F).db"
  mkdir old && mv danwa.db* old/ && danwad -c danwad.toml restore /backup/danwa-2026-11-25.db

SIGTERM, SIGINT and SIGQUIT drain the node, a second one ends it at once. SIGHUP takes over log.level. Key files are
read again when they change. Exit status: 0 drained or done, 1 cannot start or not done, 2 wrong usage, or the
work of another program (PostgreSQL's), which is named.

Settings:
)";

const std::string& value_of(const std::vector<std::string>& arguments, std::size_t& i) {
  if (i + 1 >= arguments.size()) throw UsageError{arguments[i] + " needs a value"};
  return arguments[++i];
}

void read_command(const std::vector<std::string>& words, DanwadArguments& parsed) {
  using Words = std::vector<std::string>;
  if (words.empty()) return;
  const bool backup = words[0] == "backup";
  if (backup || words[0] == "restore") {
    if (words.size() != 2 || words[1].empty()) throw UsageError{words[0] + " needs one file, the copy"};
    parsed.command = backup ? DanwadCommand::backup : DanwadCommand::restore;
    parsed.copy = words[1];
  } else if (words == Words{"migrate"}) {
    parsed.command = DanwadCommand::migrate;
  } else if (words == Words{"copy"}) {
    if (parsed.from.empty()) throw UsageError{"copy needs --from sqlite:PATH"};
    parsed.command = DanwadCommand::copy;
  } else if (words == Words{"config", "check"}) {
    parsed.command = DanwadCommand::check;
  } else if (words == Words{"config", "print"}) {
    parsed.command = DanwadCommand::print;
  } else {
    std::string all;
    for (const auto& word : words) all += " " + word;
    throw UsageError{"unknown command:" + all +
                     "; there are: config check, config print, migrate, backup COPY, restore COPY, copy --from URL"};
  }
}

}  // namespace

DanwadArguments parse_arguments(const std::vector<std::string>& arguments) {
  DanwadArguments parsed;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") return {.command = DanwadCommand::help};
    if (argument == "--version" || argument == "-V") return {.command = DanwadCommand::version};
    if (argument == "-c" || argument == "--config") {
      parsed.file = value_of(arguments, i);
    } else if (argument.starts_with("--config=")) {
      parsed.file = argument.substr(9);
    } else if (argument == "--set") {
      parsed.overrides.push_back(value_of(arguments, i));
    } else if (argument.starts_with("--set=")) {
      parsed.overrides.push_back(argument.substr(6));
    } else if (argument == "--from") {
      parsed.from = value_of(arguments, i);
    } else if (argument == "--to") {
      parsed.to = value_of(arguments, i);
    } else if (argument.starts_with("-")) {
      throw UsageError{"unknown option " + argument};
    } else {
      words.push_back(argument);
    }
  }
  read_command(words, parsed);
  if (parsed.command != DanwadCommand::copy && !(parsed.from + parsed.to).empty()) {
    throw UsageError{"--from and --to are of copy"};
  }
  return parsed;
}

std::string danwad_help() {
  std::string text = kUsage;
  for (const auto& key : known_keys()) {
    std::string line = "  " + std::string{key.name};
    line.resize(std::max<std::size_t>(line.size() + 2, 30), ' ');
    line += key.meaning;
    if (!key.fallback.empty()) line += " [" + std::string{key.fallback} + "]";
    text += line + "\n";
  }
  return text;
}

}  // namespace danwa::app
