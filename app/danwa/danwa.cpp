#include <sys/stat.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "app/bench/run_state.hpp"
#include "app/danwa/commands.hpp"
#include "infra/client/node_client.hpp"
#include "infra/log/steady_output.hpp"
#include "infra/system/process.hpp"

// danwa: the client, operator and load tool. This is the one file that knows the command line library. Each command has
// a function that declares its options and fills its part of `Choice`; its callback then calls the command in
// commands.hpp. Commands of an operator are passed on to danwad, so this program links no database.

namespace {

namespace tool = danwa::tool;
namespace bench = danwa::bench;
using tool::Access;

constexpr const char* kFooter = R"(Examples:
  danwa send -c lobby -u ann "Hello, all"
  export DANWA_NODE=127.0.0.1:8081,127.0.0.1:8082     # instead of -n
  danwa watch -c lobby -n 127.0.0.1:8081 -n 127.0.0.1:8082
  danwa chat --grpc 127.0.0.1:10081 -c lobby -u ann
  danwa history -c lobby --limit 20
  danwa status -n 127.0.0.1:8081 -n 127.0.0.1:8082 -n 127.0.0.1:8083
  danwa bench --watchers 200 --conversations 20 --posts 10000
  danwa copy --from sqlite:danwa.db --to postgres://danwa@db-1/danwa

Exit status: 0 done, 1 refused by the server (bench: an update was lost, doubled, swapped or foreign),
2 the command line is wrong, 3 no node could be reached (bench: requests failed).
`danwa COMMAND --help` says more about each.)";

/// The options of all commands, filled by the command line.
struct Choice {
  Access access;
  std::string user;
  tool::SendOptions send;
  tool::WatchOptions watch;
  tool::ChatOptions chat;
  tool::HistoryOptions history;
  tool::TokenOptions token;
  bench::BenchOptions bench;
  bool json = false;
};

void add_nodes(CLI::App& command, Choice& choice) {
  command
      .add_option("-n,--node", choice.access.nodes,
                  "A node's HTTP address; repeat it to name more (default: DANWA_NODE, else 127.0.0.1:8080)")
      ->envname("DANWA_NODES");
}

void add_access(CLI::App& command, Choice& choice) {
  add_nodes(command, choice);
  auto* token = command.add_option("-t,--token", choice.access.token, "Bearer token")->envname("DANWA_TOKEN");
  command.add_option("-u,--user", choice.user, "In development mode: the user to be")->excludes(token);
  command
      .add_option("--position-file", choice.access.position_file,
                  "Remembers there what was seen, so that no later command shows less, whichever node it asks")
      ->envname("DANWA_POSITION_FILE");
}

void add_token_claims(CLI::App& command, tool::TokenOptions& token) {
  command.add_option("--algorithm", token.algorithm, "HS256, RS256 or ES256")->capture_default_str();
  command.add_option("--company", token.company, "Claim company");
  command.add_option("--audience", token.audience, "Claim aud");
  command.add_option("--issuer", token.issuer, "Claim iss");
}

void add_send(CLI::App& app, Choice& choice, int& result) {
  auto* command = app.add_subcommand("send", "Send a comment and print it as it was saved");
  command->footer("Examples:\n  danwa send -c lobby -u ann \"Hello\"\n  cat lines | danwa send -c lobby -u ann -");
  add_access(*command, choice);
  command->add_option("-c,--conversation", choice.send.conversation, "Conversation key")->required();
  command->add_option("text", choice.send.text, "The comment; - takes each line of standard input")->required();
  command->add_option("--idempotency-key", choice.send.idempotency_key, "A retry with the same key is saved once");
  command->add_option("--client-ref", choice.send.client_ref, "Your own mark, echoed to every watcher");
  command->callback([&] {
    choice.send.access = choice.access;
    result = tool::send(choice.send);
  });
}

void add_watch(CLI::App& app, Choice& choice, int& result) {
  auto* command = app.add_subcommand("watch", "Print a conversation's updates as they come");
  command->footer(
      "One JSON frame a line, or one line for people on a terminal. When a node goes away the watch goes on from\n"
      "its cursor on the next one, without a hole.\n\nExamples:\n  danwa watch -c lobby\n"
      "  danwa watch -c lobby --after 0 --count 10 --json   # the first ten ever");
  add_access(*command, choice);
  command->add_option("-c,--conversation", choice.watch.conversation, "Conversation key")->required();
  command->add_option("--after", choice.watch.after,
                      "Start behind this cursor or seq; 0 is the whole log (default: from now)");
  command->add_option("--delivery", choice.watch.delivery, "complete, or latest: skip what a slow reader missed")
      ->default_val("complete")
      ->check(CLI::IsMember({"complete", "latest"}));
  command->add_option("--count", choice.watch.count, "End after that many updates");
  command->add_flag("--json", choice.json, "JSON also on a terminal");
  command->callback([&] {
    choice.watch.access = choice.access;
    choice.watch.pretty = !choice.json && ::isatty(STDOUT_FILENO) == 1;
    result = tool::watch(choice.watch);
  });
}

void add_chat(CLI::App& app, Choice& choice, int& result) {
  auto* command = app.add_subcommand("chat", "Talk in a conversation over gRPC: lines in, comments out");
  command->footer(
      "Every line of standard input is a comment; everybody's comments are printed. When a node goes away the talk\n"
      "goes on from its cursor on the next one; no line is lost or said twice.\n\n"
      "Examples:\n  danwa chat --grpc 127.0.0.1:10081 --grpc 127.0.0.1:10082 -u ann\n"
      "  echo hello | danwa chat --grpc 127.0.0.1:10081 -c lobby -u bot");
  command->add_option("--grpc", choice.chat.addresses, "A node's gRPC address; repeat it to name more")
      ->envname("DANWA_GRPC_NODES")
      ->required();
  auto* token = command->add_option("-t,--token", choice.access.token, "Bearer token")->envname("DANWA_TOKEN");
  command->add_option("-u,--user", choice.user, "In development mode: the user to be")->excludes(token);
  command->add_option("-c,--conversation", choice.chat.conversation, "Conversation key")->default_val("lobby");
  command->add_option("--after", choice.chat.after, "Start behind this cursor or seq (default: from now)");
  command->callback([&] {
    choice.chat.token = choice.access.token;
    result = tool::chat(choice.chat);
  });
}

void add_history(CLI::App& app, Choice& choice, int& result) {
  auto* command = app.add_subcommand("history", "Print a page of a conversation's comments, oldest first");
  add_access(*command, choice);
  command->add_option("-c,--conversation", choice.history.conversation, "Conversation key")->required();
  command->add_option("--before", choice.history.before, "Only comments before this seq");
  command->add_option("--after", choice.history.after, "Only comments behind this seq");
  command->add_option("--limit", choice.history.limit, "How many")->capture_default_str()->check(CLI::Range(1, 1000));
  command->add_flag("--json", choice.json, "JSON also on a terminal");
  command->callback([&] {
    choice.history.access = choice.access;
    choice.history.pretty = !choice.json && ::isatty(STDOUT_FILENO) == 1;
    result = tool::history(choice.history);
  });
}

void add_status(CLI::App& app, Choice& choice, int& result) {
  auto* command = app.add_subcommand("status", "Tell how every node is");
  add_nodes(*command, choice);
  command->add_flag("--json", choice.json, "One JSON object a line");
  command->callback([&] { result = tool::status(choice.access, choice.json); });
}

void add_token(CLI::App& app, Choice& choice, int& result) {
  auto* command = app.add_subcommand("token", "Make a signed token (JWT), for tests and first steps");
  command->footer(
      "Examples:\n  head -c 48 /dev/urandom | base64 > secret\n"
      "  danwa token --user ann --company acme --key-file secret --ttl 1h\n"
      "  danwa token --user bot --company acme --key-file secret --grant 'news-*:read' --grant 'team:read,send'");
  add_token_claims(*command, choice.token);
  command->get_option("--company")->required();
  command->add_option("--user", choice.token.user, "Claim sub")->required();
  command->add_option("--key-file", choice.token.key_file, "HS256: the secret; else a PEM private key")->required();
  command->add_option("--key-id", choice.token.key_id, "Header kid");
  command->add_option("--ttl", choice.token.ttl, "Lifetime, e.g. 90s, 15m, 1h, 7d")->capture_default_str();
  command->add_option("--store", choice.token.stores, "A store of the user; repeatable");
  command->add_option("--grant", choice.token.grants,
                      "PATTERN:verb,verb with read, send, moderate, notify; repeatable");
  command->callback([&] { result = tool::token(choice.token); });
}

void add_bench_load(CLI::App& command, bench::BenchOptions& options) {
  command.add_option("--posters", options.posters, "Connections that post")
      ->capture_default_str()
      ->check(CLI::Range(1, 20000));
  command.add_option("--watchers", options.watchers, "WebSockets that check every update; 0 posts only")
      ->capture_default_str();
  command.add_option("--conversations", options.conversations, "Conversations they share")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  auto* posts = command.add_option("--posts", options.posts, "End after that many comments (default 10000)");
  command.add_option("--seconds", options.seconds, "End after that time")->excludes(posts);
  command.add_option("--rate", options.rate, "Open loop: posts a second in all, whatever the answers do");
  command
      .add_option("--in-flight", options.in_flight,
                  "At most that many comments not yet answered and received by all watchers (default: no limit)")
      ->check(CLI::Range(1, 1000000));
  command.add_flag("--post-to-first", options.post_to_first, "Post to the first node only, and watch on all");
  command
      .add_option("--text-size", options.text_size,
                  "Bytes of a comment's text; a node takes 4000 unless its limits.content_max says more")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  command
      .add_option("--prefix", options.prefix, "Of conversation keys: letters, digits, - and _ (default: a fresh one)")
      ->check([](const std::string& text) {
        const bool plain = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                           std::string::npos;
        return plain ? std::string{} : std::string{"letters, digits, - and _ only"};
      });
}

void add_bench_checks(CLI::App& command, bench::BenchOptions& options) {
  command.add_flag("--latest", options.latest, "Watch with delivery=latest: told gaps are fine");
  command.add_flag("--others-change", options.others_change,
                   "Others edit and remove its comments meanwhile: their updates and texts that went are fine");
  command.add_flag("--crash-tolerant", options.crash_tolerant,
                   "Nodes may die: posters retry elsewhere with the same Idempotency-Key, watchers go on elsewhere");
  command.add_option("--settle", options.settle_seconds, "Seconds watchers may take to catch up at the end")
      ->capture_default_str();
  command.add_option("--request-timeout", options.request_seconds, "Seconds to wait for an answer")
      ->capture_default_str();
  command.add_option("--history", options.history, "Write what happened to this file, for danwa_check");
  command.add_option("--pid", options.pids,
                     "Process of a local node: measure its CPU, memory and voluntary context switches; repeatable");
  command
      .add_option("--grpc", options.grpc,
                  "gRPC address of a node. Repeats the load over gRPC, for comparison. May be given several times")
      ->excludes("--in-flight");
  command
      .add_option("--stall", options.stall,
                  "That many watchers read nothing while comments are posted; their delays count apart")
      ->excludes("--in-flight", "--crash-tolerant");
  auto* idle = command.add_option("--idle", options.idle, "Only connect that many watchers and measure memory");
  command.add_option("--connects", options.connects, "Only connect, watch and close that often, 32 at a time")
      ->excludes(idle);
  command.add_option("--reconnect", options.reconnect,
                     "At the end all watchers leave at once and come back with their cursors, that many at a time");
}

int start_bench(Choice& choice) {
  auto& options = choice.bench;
  options.nodes = choice.access.nodes;
  const bool posts = options.idle == 0 && options.connects == 0;
  if (posts && options.posts == 0 && options.seconds == 0) options.posts = 10000;
  if (!choice.token.key_file.empty()) {
    options.token_for = tool::token_maker(choice.token);
  } else {
    const std::string one = choice.access.token;
    options.token_for = [one](const std::string& user) { return one.empty() ? user : one; };
  }
  const int websocket = bench::run_bench(options);
  if (options.grpc.empty()) return websocket;
  const int grpc = bench::run_grpc_bench(options);
  return websocket == bench::kFine ? grpc : websocket;
}

void add_bench(CLI::App& app, Choice& choice, int& result) {
  auto* command = app.add_subcommand("bench", "Put load on nodes and check that nothing is lost, doubled or swapped");
  command->footer(
      "Prints one JSON line; exit status 1 when a single update was lost, doubled, out of order or foreign.\n\n"
      "Examples:\n  danwa bench --posters 64 --seconds 10 --pid $(pidof danwad)          # durable posts a second\n"
      "  danwa bench --watchers 1000 --posters 4 --in-flight 8 --seconds 10   # fan-out to people who read and type\n"
      "  danwa bench --watchers 1000 --rate 20 --seconds 10                   # open loop\n"
      "  danwa bench --watchers 1000 --rate 20 --seconds 20 --stall 100       # some who do not read\n"
      "  danwa bench --idle 10000 --pid $(pidof danwad)                       # memory of idle watchers\n"
      "  danwa bench --connects 10000 --pid $(pidof danwad)                   # CPU of connect, upgrade, close\n"
      "  danwa bench --watchers 10000 --conversations 100 --reconnect 256     # a crowd that comes back\n"
      "  danwa bench --crash-tolerant -n :8081 -n :8082 --watchers 20 --seconds 30 --history run.jsonl");
  add_access(*command, choice);
  add_bench_load(*command, choice.bench);
  add_bench_checks(*command, choice.bench);
  command->add_option("--key-file", choice.token.key_file, "Make a token for each connection with this key");
  add_token_claims(*command, choice.token);
  command->callback([&] { result = start_bench(choice); });
}

void add_operating(CLI::App& app, const char* name, const char* what, int& result) {
  auto* command = app.add_subcommand(name, std::string{what} + " (danwad --help says more)");
  command->prefix_command();
  command->callback([command, name, &result] { result = tool::operate(name, command->remaining()); });
}

/// Splits addresses: one text may hold several, separated by commas or blanks.
std::vector<std::string> single(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (std::string text : texts) {
    std::replace(text.begin(), text.end(), ',', ' ');
    std::istringstream words{text};
    for (std::string word; words >> word;) all.push_back(word);
  }
  return all;
}

/// Completes the options that all commands share, after the line was read.
void complete(Choice& choice) {
  if (const char* node = std::getenv("DANWA_NODE"); node != nullptr && choice.access.nodes.empty()) {
    choice.access.nodes.emplace_back(node);
  }
  choice.access.nodes = single(choice.access.nodes);
  choice.chat.addresses = single(choice.chat.addresses);
  if (choice.access.nodes.empty()) choice.access.nodes.emplace_back("127.0.0.1:8080");
  for (auto& node : choice.access.nodes) {
    if (node.starts_with(':')) node.insert(0, "127.0.0.1");
  }
  if (choice.access.token.empty()) choice.access.token = choice.user;
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(0077);  // its files are readable for its user alone
  danwa::system::prepare_standard_streams();
  CLI::App app{"danwa: talk to a danwa cluster", "danwa"};
  app.footer(kFooter);
  app.set_version_flag("--version", std::string{"danwa "} + DANWA_VERSION);
  app.require_subcommand(1);
  Choice choice;
  int result = 0;
  app.parse_complete_callback([&] { complete(choice); });
  add_send(app, choice, result);
  add_watch(app, choice, result);
  add_chat(app, choice, result);
  add_history(app, choice, result);
  add_status(app, choice, result);
  add_token(app, choice, result);
  add_bench(app, choice, result);
  add_operating(app, "migrate", "Bring the database of the settings to this version's schema, or make it", result);
  add_operating(app, "backup", "Copy a SQLite database while nodes run; of PostgreSQL: say how", result);
  add_operating(app, "restore", "Make a SQLite database from a copy, under a new epoch", result);
  add_operating(app, "copy", "Move all of a SQLite database into an empty PostgreSQL", result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream complaint;
    const int status = app.exit(error, std::cout, complaint);
    std::string text = complaint.str();
    while (text.ends_with('\n')) text.pop_back();
    if (!text.empty()) danwa::log::say_on_stderr(text);
    return status == 0 ? tool::kOk : tool::kUsage;
  } catch (const danwa::client::NetworkError& error) {
    danwa::log::say_on_stderr(std::string{"danwa: "} + error.what());
    return tool::kUnreachable;
  } catch (const std::exception& error) {
    danwa::log::say_on_stderr(std::string{"danwa: "} + error.what());
    return tool::kUsage;
  }
  return result;
}
