#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/log/logger.hpp"
#include "infra/grpc/guard_context.hpp"
#include "infra/grpc/guarded_connection.hpp"
#include "infra/net/descriptor_budget.hpp"

namespace danwa::infra {

/// All guarded connections of the gRPC port. It must outlive the io threads that they run on. Thread safe.
class ConnectionGuard {
 public:
  /// `hand_over` passes a connected socket to gRPC, which then owns it. `descriptors` is the budget in which each
  /// connection counts three descriptors: its socket and both ends of the pair. Null: no budget.
  ConnectionGuard(const ConnectionLimits& limits, std::function<void(int)> hand_over,
                  net::DescriptorBudget::Share* descriptors, adapters::Logger& log);
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;

  /// Takes a connected, nonblocking socket. If the budget has no descriptors left, the socket is closed, and so are the
  /// connections that have carried no call for the longest time: the client finds a free place when it comes again.
  void add(boost::asio::io_context& lane, int socket);

  /// After this returns gRPC gets no further socket. Connections that gRPC does not serve yet are closed.
  void stop_handing_over();

  void close_all();
  std::size_t size() const;

 private:
  bool hand_over(int socket);
  void report(std::string peer, std::string_view reason);
  void make_room();
  void forget(GuardedConnection* connection);
  template <class Action>
  void for_each(Action action);

  std::function<void(int)> to_grpc_;
  net::DescriptorBudget::Share* const descriptors_;
  adapters::Logger& log_;
  GuardContext context_;
  mutable std::mutex mutex_;  // connections come and go on all io threads; held for an operation of the map
  std::unordered_map<GuardedConnection*, std::weak_ptr<GuardedConnection>> connections_;

  std::chrono::steady_clock::time_point made_room_{};  // last call of make_room() that closed connections

  std::mutex handing_over_;  // held while gRPC takes a socket: gRPC's shutdown must not run meanwhile
  bool stopped_ = false;

  std::mutex reporting_;
  std::chrono::steady_clock::time_point reported_{};  // last log line
  std::uint64_t refused_ = 0;                         // refusals since that line
};

}  // namespace danwa::infra
