#pragma once

#include "adapters/http/router.hpp"

namespace danwa::adapters {

/// Serves every file of `web::assets()` under its path, with its entity tag.
void add_assets(http::Router& router);

}  // namespace danwa::adapters
