#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/cluster/handshake.hpp"

namespace danwa::infra {

/// Logs connections that were refused: at most one line a second for each reason, with the number of lines left out.
/// Refusals that are normal while a mesh forms (the peer is off, a second connection, the node itself) are logged at
/// the debug level and not counted. Owned by: the cluster's io thread.
class LinkRefusalLog {
 public:
  LinkRefusalLog(adapters::Logger& logger, adapters::Metrics& metrics) : logger_{logger}, metrics_{metrics} {}

  void note(const Refusal& refusal, const std::string& remote, const std::string& peer);

 private:
  using Clock = std::chrono::steady_clock;

  adapters::Logger& logger_;
  adapters::Metrics& metrics_;
  struct Silence {
    Clock::time_point until{};
    std::uint64_t left_out = 0;
  };
  std::map<RefusalReason, Silence> silences_;
};

}  // namespace danwa::infra
