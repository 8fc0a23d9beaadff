#pragma once

#include "adapters/controllers/routes.hpp"

namespace danwa::adapters {

/// `/v1/comments` and `/v1/comments/{id}`. Thread safe.
class CommentsController {
 public:
  explicit CommentsController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> send(http::Request request) const;                    ///< POST
  usecase::Async<http::Reply> show(http::Request request, std::string id) const;    ///< GET
  usecase::Async<http::Reply> edit(http::Request request, std::string id) const;    ///< PATCH
  usecase::Async<http::Reply> remove(http::Request request, std::string id) const;  ///< DELETE

 private:
  domain::Result<usecase::SendComment::Input> read_send(const http::Request& request,
                                                        const domain::Credential& who) const;
  domain::Result<usecase::EditComment::Input> read_edit(const http::Request& request, std::string_view id) const;

  Needs needs_;
};

}  // namespace danwa::adapters
