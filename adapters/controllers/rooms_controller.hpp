#pragma once

#include "adapters/controllers/routes.hpp"

namespace danwa::adapters {

/// `/v1/conversations/{key}` and `/v1/conversations/{key}/members`. Thread safe.
class RoomsController {
 public:
  explicit RoomsController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> show(http::Request request, std::string key) const;                     ///< GET
  usecase::Async<http::Reply> configure(http::Request request, std::string key) const;                ///< PUT
  usecase::Async<http::Reply> members(http::Request request, std::string key) const;                  ///< GET members
  usecase::Async<http::Reply> join(http::Request request, std::string key, std::string user) const;   ///< PUT a member
  usecase::Async<http::Reply> leave(http::Request request, std::string key, std::string user) const;  ///< DELETE it

 private:
  Needs needs_;
};

}  // namespace danwa::adapters
