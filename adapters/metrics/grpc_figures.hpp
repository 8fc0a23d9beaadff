#pragma once

#include <string>

#include "adapters/metrics/metrics.hpp"

namespace danwa::adapters {

/// The figures of the gRPC door, shown at `/metrics` where it is built.
struct GrpcFigures {
  Gauge streams;
  Counter calls;         ///< begun
  Counter messages_in;   ///< of clients, on streams
  Counter messages_out;  ///< to them

  /// Prometheus text format 0.0.4.
  std::string to_prometheus() const;
};

}  // namespace danwa::adapters
