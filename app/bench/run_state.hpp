#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/bench/connection.hpp"
#include "app/bench/in_flight.hpp"
#include "app/bench/ledger.hpp"
#include "infra/client/node_client.hpp"

namespace danwa::bench {

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
  std::size_t in_flight = 0;    ///< at most so many posts are not yet answered and received by all; 0: no limit
  std::size_t text_size = 100;  ///< bytes of a comment's text
  std::string prefix;           ///< of conversation keys; empty: a fresh one
  bool latest = false;          ///< delivery=latest: reported gaps are not violations
  bool crash_tolerant = false;  ///< nodes may die: requests and watches go on at the next node
  bool others_change = false;   ///< others edit and remove comments of this run; such updates are not violations
  double settle_seconds = 10;   ///< time for the watchers to catch up at the end
  double request_seconds = 5;   ///< crash tolerant: a request without an answer is sent to the next node after this
  std::string history;          ///< file; empty: none
  std::vector<int> pids;        ///< local nodes whose CPU, memory and context switches are measured
  std::size_t idle = 0;         ///< not 0: only connect this many watchers, without posts
  std::size_t connects = 0;     ///< not 0: only connect, watch and close this often, without posts
  std::size_t stall = 0;        ///< so many watchers read nothing while comments are posted; their delays count apart
  std::size_t reconnect = 0;    ///< not 0: at the end all watchers leave and come back, so many at a time
  bool post_to_first = false;   ///< posts go to the first node only; else every node gets its share
  std::function<std::string(const std::string& user)> token_for;
};

/// Exit status of the process.
enum BenchExit { kFine = 0, kViolated = 1, kFailedRequests = 3 };

/// Runs the load, prints one JSON line on stdout, returns a BenchExit.
int run_bench(const BenchOptions& options);

/// The same load on the gRPC endpoints: watchers use WatchUpdates, posters SendComment. Prints a line of its own.
int run_grpc_bench(const BenchOptions& options);

/// Counts microseconds in buckets of about 1.6 % width, up to two hours.
class Histogram {
 public:
  void add(std::int64_t us) {
    const auto value = static_cast<std::uint64_t>(us < 0 ? 0 : us);
    ++counts_[bucket(value)];
    ++total_;
    max_ = value > max_ ? value : max_;
  }
  std::uint64_t total() const { return total_; }
  std::uint64_t max() const { return max_; }

  /// The quantile `share` (0 to 1) in microseconds; 0 if nothing was counted.
  std::uint64_t at(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) return upper(i) < max_ ? upper(i) : max_;
    }
    return max_;
  }

 private:
  static constexpr std::size_t kSub = 64;  // buckets for each doubling
  static std::size_t bucket(std::uint64_t value) {
    if (value < kSub) return value;
    const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 7;
    const std::size_t index = (shift + 1) * kSub + ((value >> shift) - kSub);
    return index < kBuckets ? index : kBuckets - 1;
  }
  static std::uint64_t upper(std::size_t index) {
    if (index < kSub) return index;
    const std::size_t shift = index / kSub - 1;
    return ((static_cast<std::uint64_t>(index % kSub) + kSub + 1) << shift) - 1;
  }

  static constexpr std::size_t kBuckets = 28 * kSub;
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

/// Figures of a local process from /proc.
struct ProcessFigures {
  double cpu_seconds = 0;  ///< user and system
  std::size_t resident_bytes = 0;
  std::uint64_t voluntary_switches = 0;  ///< of the threads that live
};

/// Returns nullopt if there is no such process.
std::optional<ProcessFigures> figures_of(int pid);

/// Counts of one run.
struct Counts {
  std::uint64_t posts = 0;    ///< begun
  std::uint64_t retries = 0;  ///< sent again, on another connection
  std::uint64_t replays = 0;  ///< acknowledged with the answer of an earlier try
  std::uint64_t deliveries = 0;
  std::uint64_t reconnects = 0;   ///< of watchers
  std::uint64_t told_missed = 0;  ///< updates reported as missed, with delivery=latest
  std::uint64_t failures = 0;     ///< answers other than 201 and broken connections that are not tolerated
  std::map<int, std::uint64_t> statuses;
  std::vector<std::string> first_failures;  ///< at most 10
};

/// How late updates came to watchers.
struct Delays {
  Histogram send_to_socket;  ///< us, from the first sending to a watcher's socket
  Histogram ack_to_socket;   ///< us, from the 201 to a watcher's socket; 0 if the watcher was first
};

/// The state that the posters and watchers of a run share. Runs on: the load tool's one thread.
struct RunState {
  explicit RunState(const BenchOptions& wanted);

  void failed(const std::string& what) {
    ++counts.failures;
    if (counts.first_failures.size() < 10) counts.first_failures.push_back(what);
  }
  std::size_t next_node(std::size_t node) const { return (node + 1) % nodes.size(); }

  const BenchOptions& options;
  EventLoop loop;
  std::vector<client::Endpoint> nodes;
  std::vector<std::string> conversations;
  std::string run;  ///< a random word, part of every text and key of this run
  Ledger ledger;
  InFlight in_flight;
  HistoryWriter history;
  Counts counts;
  Histogram post_latency;  ///< us, from the due time to the 201
  Delays others;           ///< of the watchers that never stalled
  Delays stalled;
  Histogram until_watching;  ///< us, from the connect to the frame `watching`
  Histogram until_resumed;   ///< us, from the connect after a reconnect to the last update that was missed
};

/// The reads of databases that all nodes of the run have made so far, from their metrics. Throws client::NetworkError.
std::uint64_t database_reads(RunState& state);

/// Reads the log of every conversation of the run from the first node that answers, and records it in the ledger and
/// the history. An acknowledged comment that is missing counts as lost.
void read_final_log(RunState& state);

}  // namespace danwa::bench
