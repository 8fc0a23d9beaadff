#pragma once

#include "adapters/controllers/routes.hpp"

namespace danwa::adapters {

/// `/graphql`: queries and mutations by POST, queries by GET, everything over a WebSocket.
void add_graphql(http::Router& router, const Needs& needs);

}  // namespace danwa::adapters
