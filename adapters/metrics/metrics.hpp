#pragma once

#include <string>

#include "adapters/delivery/figures.hpp"

namespace danwa::adapters {

/// Every figure of a node, shown at `/metrics`. One object per node, shared by all parts.
struct Metrics : DeliveryFigures {
  Gauge sockets;            ///< open client connections
  Gauge websockets;         ///< of them, WebSockets
  Gauge sse_streams;        ///< of them, SSE streams
  Gauge subscriber_actors;  ///< live subscriber actors
  Counter http_requests;
  Counter http_errors;     ///< answers with status 400 and above
  Counter tokens_refused;  ///< bearer tokens that did not verify
  Counter comments_sent;
  Counter tail_looks;         ///< looks of the log tail that found news
  Counter bus_events_in;      ///< from other nodes
  Counter bus_events_out;     ///< to other nodes, counted per peer
  Counter relay_drops;        ///< events a relay queue dropped
  Gauge cluster_peers;        ///< peers with a live link
  Counter cluster_refused;    ///< links refused before CAF saw them
  Counter commits;            ///< transactions committed by the writer
  Counter committed_actions;  ///< actions in them; the quotient is the batch size
  Counter commit_failures;
  Gauge writer_queue;  ///< actions that wait for the writer
  Counter checkpoints;

  /// Prometheus text format 0.0.4.
  std::string to_prometheus() const;
};

}  // namespace danwa::adapters
