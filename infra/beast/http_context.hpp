#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "adapters/http/origin_check.hpp"
#include "adapters/http/read_limits.hpp"
#include "adapters/http/router.hpp"
#include "infra/beast/http_server.hpp"
#include "infra/beast/live_registry.hpp"
#include "infra/beast/stream_start.hpp"

namespace danwa::infra {

/// State that all HTTP connections of a server share; outlives all of them.
struct HttpContext {
  const HttpOptions& options;
  const adapters::http::Router& router;
  LiveRegistry& connections;
  StreamContext& streams;
  adapters::http::ReadLimits limits;
  adapters::http::OriginCheck origins;
  std::string id_prefix;  ///< of request ids; distinguishes this process from its predecessors and peers
  std::string next_request_id() { return id_prefix + std::to_string(++last_id); }

  std::atomic<std::uint64_t> last_id{0};  ///< request ids given out
  std::atomic<std::size_t> running{0};    ///< handlers that have not answered yet
  std::atomic<bool> draining{false};      ///< every answer is the last of its connection
};

}  // namespace danwa::infra
