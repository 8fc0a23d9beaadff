#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace danwa::tool {

/// The exit status of a command.
enum Exit { kOk = 0, kRefused = 1, kUsage = 2, kUnreachable = 3 };

/// The nodes to use, and the user's identity.
struct Access {
  std::vector<std::string> nodes;
  std::string token;          ///< bearer; in development mode the user's name
  std::string position_file;  ///< keeps the seen position from one command to the next; empty: it is not kept
};

struct SendOptions {
  Access access;
  std::string conversation;
  std::string text;  ///< "-": every line of standard input is a comment
  std::string idempotency_key;
  std::string client_ref;
};
/// Posts and prints the saved comment, one JSON line each. Tries the nodes in order until one answers.
int send(const SendOptions& options);

struct WatchOptions {
  Access access;
  std::string conversation;
  std::string after;        ///< a cursor or a seq; empty: from now
  std::string delivery;     ///< "complete" or "latest"
  std::uint64_t count = 0;  ///< end after that many updates; 0: never
  bool pretty = false;
};
/// Prints every frame. If a connection breaks, it continues from its cursor on the next node.
int watch(const WatchOptions& options);

struct ChatOptions {
  std::vector<std::string> addresses;  ///< of gRPC endpoints
  std::string token;
  std::string conversation;
  std::string after;  ///< a cursor or a seq; empty: from now
};
/// Sends the lines of standard input as comments over gRPC, and prints everybody's comments. If a stream breaks, it
/// continues from its cursor on the next node. Ends when the input has ended and all of its lines have come back.
int chat(const ChatOptions& options);

struct HistoryOptions {
  Access access;
  std::string conversation;
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  std::size_t limit = 50;
  bool pretty = false;
};
/// Prints a page of comments, oldest first.
int history(const HistoryOptions& options);

/// Prints the state of every node: `/healthz`, `/readyz` and a digest of `/metrics`.
int status(const Access& access, bool json);

struct TokenOptions {
  std::string algorithm = "HS256";
  std::string key_file;
  std::string key_id;
  std::string user;
  std::string company;
  std::string audience;
  std::string issuer;
  std::string ttl = "1h";  ///< number and unit: s, m, h, d
  std::vector<std::string> stores;
  std::vector<std::string> grants;  ///< PATTERN:verb,verb
};
/// Prints a signed token. Throws as `token_maker` does.
int token(const TokenOptions& options);

/// Returns a function that makes a token for a user. Throws std::runtime_error with one line.
std::function<std::string(const std::string& user)> token_maker(const TokenOptions& options);

/// Replaces this process with danwad and its command `command`, because danwad knows the databases. Uses the danwad
/// beside this program, else the one in PATH. Returns only if there is none.
int operate(const std::string& command, const std::vector<std::string>& arguments);

/// Parses `90s`, `15m`, `1h`, `7d`. Returns nullopt for any other text.
std::optional<std::chrono::seconds> parse_ttl(const std::string& text);

}  // namespace danwa::tool
