#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "adapters/delivery/log_source.hpp"

namespace danwa::infra {

/// The address of Redis, its credentials and limits.
struct RedisOptions {
  std::string host;  ///< a name or an IP address, IPv6 without brackets
  std::uint16_t port = 6379;
  std::string user = {};                            ///< of Redis's ACL; empty: the default user
  std::string password = {};                        ///< empty: no AUTH; never logged
  std::chrono::milliseconds command_timeout{1000};  ///< a reply that takes longer ends the connection
  adapters::LogSource log = {};                     ///< the log of this node; messages of another one are dropped
};

}  // namespace danwa::infra
