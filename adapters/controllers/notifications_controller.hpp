#pragma once

#include "adapters/controllers/routes.hpp"

namespace danwa::adapters {

/// `/v1/notifications`. Thread safe.
class NotificationsController {
 public:
  explicit NotificationsController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> send(http::Request request) const;  ///< POST

 private:
  Needs needs_;
};

}  // namespace danwa::adapters
