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

/// All guarded connections of the gRPC port. It outlives the lanes that they run on. Thread safe.
class ConnectionGuard {
 public:
  /// `hand_over` gives a connected socket to gRPC, which owns it then. `descriptors`: where each connection counts
  /// with its socket and both ends of the pair; null: nowhere.
  ConnectionGuard(const ConnectionLimits& limits, std::function<void(int)> hand_over,
                  net::DescriptorBudget::Share* descriptors, adapters::Logger& log);
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;

  /// Takes a connected, nonblocking socket. Without descriptors for it, it is closed, and some of those that carry no
  /// call for longest are told to go, so that its client finds room when it comes again.
  void add(boost::asio::io_context& lane, int socket);

  /// Once this returns, gRPC gets no socket any more. Connections that it has no part in are closed.
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
  mutable std::mutex mutex_;  // connections come and go on all lanes; held for an operation of the map
  std::unordered_map<GuardedConnection*, std::weak_ptr<GuardedConnection>> connections_;

  std::chrono::steady_clock::time_point made_room_{};  // the last time

  std::mutex handing_over_;  // held while gRPC takes a socket, so that its shutdown comes before or after
  bool stopped_ = false;

  std::mutex reporting_;
  std::chrono::steady_clock::time_point reported_{};  // last log line
  std::uint64_t refused_ = 0;                         // since then
};

}  // namespace danwa::infra
