#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/http/router.hpp"
#include "adapters/metrics/metrics.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/use_cases.hpp"

namespace danwa::adapters {

/// The public description of a node.
struct NodeMember {
  std::string name;
  std::string http;  ///< "host:port" of its HTTP server
  bool up = false;
  bool self = false;
};

/// State of a node, for probes and operators. Thread safe.
class NodeStatus {
 public:
  virtual ~NodeStatus() = default;
  virtual std::string name() const = 0;
  virtual bool draining() const = 0;
  virtual bool storage_healthy() const = 0;

  /// This node first, then the others by name.
  virtual std::vector<NodeMember> members() const = 0;

  /// Figures of the process in Prometheus text format.
  virtual std::string process_figures() const = 0;
};

/// A long poll is answered after this time with an empty page, even if the client asks for a longer wait, because
/// common proxies end a request without answer (nginx and AWS's balancer after 60 s, HAProxy's examples after 30 s).
inline constexpr std::chrono::milliseconds kLongestPoll{25'000};

/// Everything that the HTTP endpoints call. All of it outlives the router.
struct Needs {
  const usecase::UseCases& use;
  const usecase::TokenVerifier& tokens;
  delivery::UpdateFeed& feed;
  const NodeStatus& node;
  Metrics& metrics;

  std::chrono::milliseconds longest_poll = kLongestPoll;
};

/// Adds every route except `/graphql`, and the check of tokens.
void add_routes(http::Router& router, const Needs& needs);

}  // namespace danwa::adapters
