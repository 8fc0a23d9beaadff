#pragma once

#include <string>
#include <vector>

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

}  // namespace danwa::adapters
