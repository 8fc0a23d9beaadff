#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace danwa::app::bench {

/// One run of `danwa bench`.
struct BenchOptions {
  std::vector<std::string> nodes;  ///< host:port of each node's HTTP door
  std::vector<std::string> grpc;   ///< host:port of each node's gRPC door; not empty: load that, too
  std::size_t posters = 8;
  std::size_t watchers = 0;
  std::size_t conversations = 1;
  std::uint64_t posts = 0;      ///< 0: by time
  double seconds = 0;           ///< 0: by number
  double rate = 0;              ///< posts a second in all; 0: closed loop
  std::size_t text_size = 100;  ///< bytes of a comment's text
  std::string prefix;           ///< of conversation keys; empty: a fresh one
  bool latest = false;          ///< delivery=latest: told gaps are no violation
  bool crash_tolerant = false;
  bool others_change = false;  ///< others edit and remove its comments meanwhile: such updates and lost texts are fine
  double settle_seconds = 10;  ///< how long watchers may take to catch up at the end
  double request_seconds = 5;  ///< crash tolerant: an unanswered request is tried elsewhere
  std::string history;         ///< file; empty: none
  std::vector<int> pids;       ///< of local nodes, to measure their CPU and memory
  std::size_t idle = 0;        ///< only connect that many watchers
  std::function<std::string(const std::string& user)> token_for;
};

/// What the process ends with.
enum BenchExit { kFine = 0, kViolated = 1, kFailedRequests = 3 };

/// Runs the load, prints one JSON line on stdout, tells the verdict.
int run_bench(const BenchOptions& options);

/// The same load on the gRPC doors: watchers by WatchUpdates, posters by SendComment. Prints a line of its own.
int run_grpc_bench(const BenchOptions& options);

}  // namespace danwa::app::bench
