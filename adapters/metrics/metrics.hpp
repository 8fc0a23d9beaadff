#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace danwa::adapters {

/// A figure that only grows. Thread safe.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A figure that goes up and down. Thread safe.
class Gauge {
 public:
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::int64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
  void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Every figure of a node, shown at `/metrics`. One object per node, shared by all parts. Thread safe.
struct Metrics {
  Gauge sockets;            ///< open client connections
  Gauge websockets;         ///< of them, WebSockets
  Gauge sse_streams;        ///< of them, SSE streams
  Gauge subscriber_actors;  ///< live subscriber actors
  Gauge router_entries;     ///< (channel, watcher) registrations
  Gauge cached_channels;    ///< channels with a tail cache
  Gauge watchers_live;      ///< watchers that are up to date
  Gauge watchers_behind;    ///< watchers that read from the cache or the log
  Counter http_requests;
  Counter http_errors;     ///< answers with status 400 and above
  Counter tokens_refused;  ///< bearer tokens that did not verify
  Counter comments_sent;
  Counter frames_delivered;   ///< frames passed to transports
  Counter ring_drops;         ///< updates that slid out of a sliding buffer
  Counter updates_missed;     ///< updates reported as missed to watchers with delivery=latest
  Counter log_pages_read;     ///< pages read from the log for watchers
  Counter cache_pages;        ///< pages served from tail caches
  Counter tail_looks;         ///< polls of the log tail that found updates
  Counter tail_repairs;       ///< channels that the log tail had to repair
  Counter bus_events_in;      ///< from other nodes
  Counter bus_events_out;     ///< to other nodes, counted per peer
  Counter relay_drops;        ///< events that a relay queue dropped
  Counter bus_unexpected;     ///< messages of unknown form or version
  Counter bus_foreign;        ///< messages of another log, dropped
  Gauge cluster_peers;        ///< peers with a live connection
  Counter cluster_refused;    ///< cluster connections refused before CAF saw them
  Gauge presence_entries;     ///< people in conversations, over all nodes
  Gauge presence_nodes;       ///< other nodes whose people are known
  Gauge presence_left_out;    ///< people of this node that are not announced to the other nodes
  Counter commits;            ///< transactions committed by the writer
  Counter committed_actions;  ///< actions in them; the quotient is the batch size
  Counter commit_failures;
  Gauge writer_queue;  ///< actions that wait for the writer
  Counter checkpoints;

  /// Prometheus text format 0.0.4.
  std::string to_prometheus() const;
};

}  // namespace danwa::adapters
