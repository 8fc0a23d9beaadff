#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "adapters/delivery/log_source.hpp"

namespace danwa::infra {

/// Where Redis is and how to talk to it.
struct RedisOptions {
  std::string host;  ///< a name or an IP address, IPv6 without brackets
  std::uint16_t port = 6379;
  std::string user = {};                            ///< of Redis's ACL; empty: the default user
  std::string password = {};                        ///< empty: no AUTH; never logged
  std::chrono::milliseconds command_timeout{1000};  ///< an answer that takes longer ends the connection
  adapters::LogSource log = {};                     ///< which log this node serves; messages of another one are dropped
};

}  // namespace danwa::infra
