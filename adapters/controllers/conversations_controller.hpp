#pragma once

#include "adapters/controllers/routes.hpp"

namespace danwa::adapters {

/// `/v1/conversations` and `/v1/conversations/{key}/comments`. Thread safe.
class ConversationsController {
 public:
  explicit ConversationsController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> list(http::Request request) const;  ///< GET: the conversations
  usecase::Async<http::Reply> history(http::Request request,
                                      std::string key) const;  ///< GET: comments of a conversation

 private:
  Needs needs_;
};

}  // namespace danwa::adapters
