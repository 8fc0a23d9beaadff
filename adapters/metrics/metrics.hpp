#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "usecase/delivery/figures.hpp"

namespace danwa::adapters {

/// Every figure of a node, shown at `/metrics`. One object per node, shared by all parts.
struct Metrics : delivery::DeliveryFigures {
  delivery::Gauge sockets;            ///< open client connections
  delivery::Gauge websockets;         ///< of them, WebSockets
  delivery::Gauge sse_streams;        ///< of them, SSE streams
  delivery::Gauge subscriber_actors;  ///< live subscriber actors
  delivery::Counter http_requests;
  delivery::Counter http_errors;     ///< answers with status 400 and above
  delivery::Counter tokens_refused;  ///< bearer tokens that did not verify
  delivery::Counter comments_sent;
  delivery::Counter tail_looks;         ///< polls of the log tail that found growth
  delivery::Counter bus_events_in;      ///< from other nodes
  delivery::Counter bus_events_out;     ///< to other nodes, counted per peer
  delivery::Counter relay_drops;        ///< events that a relay queue dropped
  delivery::Counter inbox_drops;        ///< frames that found the inbox of a router or of the bus full
  delivery::Gauge cluster_peers;        ///< peers with a live connection
  delivery::Counter cluster_refused;    ///< connections refused before CAF saw them
  delivery::Counter commits;            ///< transactions committed by the writer
  delivery::Counter committed_actions;  ///< actions in them; the quotient is the batch size
  delivery::Counter commit_failures;
  delivery::Gauge writer_queue;  ///< actions that wait for the writer
  delivery::Counter checkpoints;
  delivery::Counter master_reads;   ///< reads that were given to the master
  delivery::Counter replica_reads;  ///< reads that were given to a replica

  /// Prometheus text format 0.0.4.
  std::string to_prometheus() const;
};

/// Writes figures in Prometheus text format 0.0.4, with the prefix `danwa_`; counters get the suffix `_total`.
class Exposition {
 public:
  void figure(std::string_view name, std::string_view help, const delivery::Gauge& gauge) {
    line(name, "", help, "gauge", std::to_string(gauge.value()));
  }
  void figure(std::string_view name, std::string_view help, const delivery::Counter& counter) {
    line(name, "_total", help, "counter", std::to_string(counter.value()));
  }
  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view name, std::string_view suffix, std::string_view help, std::string_view type,
            const std::string& value) {
    std::string full = "danwa_";
    full += name;
    full += suffix;
    out_ += "# HELP " + full + " ";
    out_ += help;
    out_ += "\n# TYPE " + full + " ";
    out_ += type;
    out_ += "\n" + full + " " + value + "\n";
  }

  std::string out_;
};

/// The figures of the gRPC endpoint, shown at `/metrics` in a build with gRPC. Thread safe.
struct GrpcFigures {
  delivery::Gauge streams;
  delivery::Counter calls;         ///< begun
  delivery::Counter messages_in;   ///< from clients, on streams
  delivery::Counter messages_out;  ///< to clients, on streams

  /// Prometheus text format 0.0.4.
  std::string to_prometheus() const;
};

}  // namespace danwa::adapters
