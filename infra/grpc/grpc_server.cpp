#include "infra/grpc/grpc_server.hpp"

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "infra/grpc/chat_service.hpp"
#include "infra/grpc/chat_stream.hpp"

namespace danwa::grpc {

// Assembles the gRPC endpoint. libgrpc 1.51 never listens: this process accepts each connection, guards its frames, and
// passes one end of a socket pair to gRPC (ExternalConnectionAcceptor). See
// guarded_connection.cpp for the reasons.
//
// The order of `stop` matters. It waits for the drain, stops the listener, then the hand-over to gRPC, then gRPC's
// server, after which gRPC calls nothing back. The io threads belong to the node and go on, so what is left on them
// must not need this server: streams and calls hold the StreamContext, connections the ConnectionGuard, and the
// handlers of the listener the listener. `stop` waits for all three, within its limits.
//
// Connections are dealt to the io threads by a turn of their own. With one turn for both, clients with one stream each
// would put all connections on every second thread and all streams on the others.

namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kMaxDrain = 1'000ms;  // beyond the window
constexpr auto kMaxStop = 1'000ms;   // for gRPC's server, and for connections to end by themselves
constexpr auto kMaxClose = 500ms;    // for the close of the others
constexpr int kReflectionThreads = 8;
constexpr const char* kServiceName = "chat.v1.ChatRoom";

/// Settings that gRPC keeps once per process.
void prepare_process() {
  static std::once_flag once;
  std::call_once(once, [] {
    ::grpc::EnableDefaultHealthCheckService(true);
    ::grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    google::protobuf::SetLogHandler(nullptr);  // the default writes a line for every malformed request
  });
}

int to_ms(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

void apply(const GrpcOptions& options, ::grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_request);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, to_ms(options.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, to_ms(options.pong_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no limit for the server's own pings
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, to_ms(options.least_ping));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, to_ms(options.connection_age));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, to_ms(options.handshake));
  // gRPC's synchronous thread pool serves reflection alone, so it is kept small.
  ::grpc::ResourceQuota quota{"danwa"};
  quota.SetMaxThreads(kReflectionThreads);
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(::grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(::grpc::ServerBuilder::MAX_POLLERS, 1);
}

net::ListenPlace listen_place(const GrpcOptions& options) {
  return {.setting = "grpc.listen", .address = options.listen, .loopback_only = options.loopback_only};
}

}  // namespace

struct GrpcServer::Impl {
  Impl(const GrpcOptions& options, net::IoThreads& io_threads, const adapters::rpc::ChatEndpoint& endpoint,
       adapters::Logger& log)
      : context{std::make_shared<StreamContext>(endpoint, log, options.max_streams)},
        guard{std::make_shared<ConnectionGuard>(
            options.connections, [this](int socket) { adopt(socket); }, options.descriptors, log)},
        listener{std::make_shared<ConnectionListener>(
            io_threads.at(0), listen_place(options),
            [this, &io_threads, turn = std::size_t{0}](int socket) mutable {
              guard->add(io_threads.at(turn++ % io_threads.size()), socket);
            },
            log)},
        bound_address{listener->bound_address()},
        calls{context, io_threads},
        service{calls},
        other_names{calls} {
    prepare_process();
    ::grpc::ServerBuilder builder;
    apply(options, builder);
    using Builder = ::grpc::ServerBuilder::experimental_type;
    connections = builder.experimental().AddExternalConnectionAcceptor(Builder::ExternalConnectionType::FROM_FD,
                                                                       ::grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    builder.RegisterCallbackGenericService(&other_names);
    server = builder.BuildAndStart();
    if (!server) throw std::runtime_error{"the gRPC server cannot start"};
    set_serving(true);
    listener->start();
  }

  /// gRPC owns `socket` from here on.
  void adopt(int socket) {
    ::grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = socket;
    connections->HandleNewConnection(&connection);
  }

  void set_serving(bool serving) {
    auto* health = server->GetHealthCheckService();
    health->SetServingStatus(serving);
    health->SetServingStatus(kServiceName, serving);
  }

  /// Waits until no connection, call or stream is left. Returns at `deadline` at the latest.
  void wait_until_empty(SteadyClock::time_point deadline) const {
    const auto busy = [this] { return context->users > 0 || guard->size() > 0; };
    while (busy() && SteadyClock::now() < deadline) std::this_thread::sleep_for(5ms);
  }

  const std::shared_ptr<StreamContext> context;
  const std::shared_ptr<ConnectionGuard> guard;
  std::shared_ptr<ConnectionListener> listener;  // null after `stop`: its sockets end with its io thread
  const std::string bound_address;
  std::unique_ptr<::grpc::experimental::ExternalConnectionAcceptor> connections;
  ChatCalls calls;
  ChatService service;
  LegacyServiceNames other_names;
  std::unique_ptr<::grpc::Server> server;
  SteadyClock::time_point drained_by{};
  bool stopped = false;
};

GrpcServer::GrpcServer(const GrpcOptions& options, net::IoThreads& io_threads,
                       const adapters::rpc::ChatEndpoint& endpoint, adapters::Logger& log)
    : impl_{std::make_unique<Impl>(options, io_threads, endpoint, log)} {}

GrpcServer::~GrpcServer() { stop(); }

std::string GrpcServer::bound_address() const { return impl_->bound_address; }

void GrpcServer::start_draining(std::chrono::milliseconds window) {
  impl_->drained_by = SteadyClock::now() + window + kMaxDrain;
  impl_->set_serving(false);
  impl_->context->streams.drain(window);
}

void GrpcServer::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  if (impl_->drained_by == SteadyClock::time_point{}) start_draining(0ms);
  impl_->context->streams.wait_empty(impl_->drained_by);
  const auto listener_closed = impl_->listener->stop();
  impl_->listener.reset();
  impl_->guard->stop_handing_over();
  impl_->server->Shutdown(std::chrono::system_clock::now() + kMaxStop);
  impl_->wait_until_empty(SteadyClock::now() + kMaxStop);
  impl_->guard->close_all();
  const auto deadline = SteadyClock::now() + kMaxClose;
  impl_->wait_until_empty(deadline);
  listener_closed.wait_until(deadline);
}

}  // namespace danwa::grpc
