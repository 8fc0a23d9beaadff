#pragma once

#include "adapters/controllers/routes.hpp"

namespace danwa::adapters {

/// `/v1/conversations/{key}/presence`. Thread safe.
class PresenceController {
 public:
  explicit PresenceController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> show(http::Request request, std::string key) const;  ///< GET

 private:
  Needs needs_;
};

}  // namespace danwa::adapters
