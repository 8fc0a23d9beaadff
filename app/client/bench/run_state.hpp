#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/client/bench/bench_options.hpp"
#include "app/client/bench/event_loop.hpp"
#include "app/client/bench/histogram.hpp"
#include "app/client/bench/history_writer.hpp"
#include "app/client/bench/ledger.hpp"
#include "infra/client/endpoint.hpp"

namespace danwa::app::bench {

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
  std::vector<infra::Endpoint> nodes;
  std::vector<std::string> conversations;
  std::string run;  ///< a random word, part of every text and key of this run
  Ledger ledger;
  HistoryWriter history;
  Counts counts;
  Histogram post_latency;    ///< us, from the due time to the 201
  Histogram send_to_socket;  ///< us, from the first sending to a watcher's socket
  Histogram ack_to_socket;   ///< us, from the 201 to a watcher's socket; 0 if the watcher was first
};

}  // namespace danwa::app::bench
