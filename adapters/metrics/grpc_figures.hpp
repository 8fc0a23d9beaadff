#pragma once

#include <string>

#include "adapters/metrics/metrics.hpp"

namespace danwa::adapters {

/// The figures of the gRPC endpoint, shown at `/metrics` in a build with gRPC. Thread safe.
struct GrpcFigures {
  Gauge streams;
  Counter calls;         ///< begun
  Counter messages_in;   ///< from clients, on streams
  Counter messages_out;  ///< to clients, on streams

  /// Prometheus text format 0.0.4.
  std::string to_prometheus() const;
};

}  // namespace danwa::adapters
