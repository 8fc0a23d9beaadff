#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "app/danwad/layers/layers.hpp"
#include "infra/net/io_threads.hpp"
#include "infra/net/listening.hpp"
#include "infra/system/process.hpp"

namespace danwa::app {

/// A whole node, the composition root: each layer is a member, in the order of dependency, and destructors run in
/// reverse. A layer names what it needs as references in its `Needs`, so a missing or later layer does not compile.
struct Node {
  /// Opens the database, joins the cluster and binds the ports; serves nothing yet. Throws std::runtime_error with one
  /// clear line if the node cannot start.
  explicit Node(Settings wanted);
  ~Node() { stop(); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Serves clients. Cannot fail.
  void start() { http.start(); }

  /// Announces the leave to the cluster, then ends all connections, live ones spread over `window`.
  void drain(std::chrono::milliseconds window);

  /// Ends in the order in which the parts use each other: reads that wait, the endpoints, the tokens, presence, the
  /// database, the watches, the io threads.
  /// Idempotent.
  void stop();

  const Settings settings;
  net::HeldAddress held;          ///< the peers get this address before it is served
  const std::string& advertised;  ///< the address that the peers tell their clients
  SystemLayer system;
  PersistenceLayer persistence;
  net::IoThreads threads;  ///< of connections and subscribers; end in `stop`
  PresenceLayer presence;
  MessagingLayer messaging;
  PresenceOnBus presence_on_bus;
  usecase::UseCases use_cases;
  DescriptorShares descriptors;
  HttpLayer http;
  GrpcLayer grpc;
};

/// Runs a node until a signal, and drains it. Returns the exit status. At SIGHUP `reload` reads the settings again, and
/// the log level is taken from them. Throws std::runtime_error with one clear line if the node cannot start.
int run(const Settings& settings, const system::Signals& signals, const std::function<Settings()>& reload);

}  // namespace danwa::app
