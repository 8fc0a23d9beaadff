#pragma once

#include "adapters/controllers/routes.hpp"

namespace danwa::adapters {

/// `/healthz`, `/readyz`, `/metrics`, `/v1/cluster`. Thread safe.
class NodeController {
 public:
  explicit NodeController(const Needs& needs) : needs_{needs} {}

  http::Reply health() const;                               ///< 200 while requests are answered
  http::Reply readiness() const;                            ///< 503 while draining or without storage
  http::Reply metrics() const;                              ///< Prometheus text format 0.0.4
  http::Reply cluster(const http::Request& request) const;  ///< the nodes of the cluster and their addresses

 private:
  Needs needs_;
};

}  // namespace danwa::adapters
