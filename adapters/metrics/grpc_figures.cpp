#include "adapters/metrics/grpc_figures.hpp"

#include "adapters/metrics/exposition.hpp"

namespace danwa::adapters {

std::string GrpcFigures::to_prometheus() const {
  Exposition out;
  out.figure("grpc_streams", "Open gRPC streams.", streams);
  out.figure("grpc_calls", "gRPC calls begun.", calls);
  out.figure("grpc_messages_in", "Messages of clients on gRPC streams.", messages_in);
  out.figure("grpc_messages_out", "Messages written to gRPC streams.", messages_out);
  return out.take();
}

}  // namespace danwa::adapters
