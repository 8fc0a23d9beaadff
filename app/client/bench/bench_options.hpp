#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace danwa::app::bench {

/// One run of `danwa bench`.
struct BenchOptions {
  std::vector<std::string> nodes;  ///< host:port of each node's HTTP endpoint
  std::vector<std::string> grpc;   ///< host:port of each node's gRPC endpoint; not empty: load it, too
  std::size_t posters = 8;
  std::size_t watchers = 0;
  std::size_t conversations = 1;
  std::uint64_t posts = 0;      ///< ends after this many; 0: after `seconds`
  double seconds = 0;           ///< used if `posts` is 0
  double rate = 0;              ///< posts a second over all posters; 0: closed loop
  std::size_t text_size = 100;  ///< bytes of a comment's text
  std::string prefix;           ///< of conversation keys; empty: a fresh one
  bool latest = false;          ///< delivery=latest: reported gaps are not violations
  bool crash_tolerant = false;  ///< nodes may die: requests and watches go on at the next node
  bool others_change = false;   ///< others edit and remove comments of this run; such updates are not violations
  double settle_seconds = 10;   ///< time for the watchers to catch up at the end
  double request_seconds = 5;   ///< crash tolerant: a request without an answer is sent to the next node after this
  std::string history;          ///< file; empty: none
  std::vector<int> pids;        ///< local nodes whose CPU and memory are measured
  std::size_t idle = 0;         ///< not 0: only connect this many watchers, without posts
  std::function<std::string(const std::string& user)> token_for;
};

/// Exit status of the process.
enum BenchExit { kFine = 0, kViolated = 1, kFailedRequests = 3 };

/// Runs the load, prints one JSON line on stdout, returns a BenchExit.
int run_bench(const BenchOptions& options);

/// The same load on the gRPC endpoints: watchers use WatchUpdates, posters SendComment. Prints a line of its own.
int run_grpc_bench(const BenchOptions& options);

}  // namespace danwa::app::bench
