#pragma once

#include <memory>

#include "adapters/controllers/routes.hpp"
#include "adapters/controllers/update_source.hpp"

namespace danwa::adapters {

/// The updates of a log, `/v1/conversations/{key}/updates` and `/v1/notifications/updates`: one resource in three
/// forms. An upgrade request gets a WebSocket; others get an SSE stream or a JSON page, by `Accept`. Thread safe.
class UpdatesController {
 public:
  static constexpr std::chrono::seconds kMaxWait{60};  ///< maximum that a client may ask for; see `Needs::longest_poll`

  explicit UpdatesController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> conversation(http::Request request, std::string key) const;  ///< GET
  usecase::Async<http::Reply> notifications(http::Request request) const;                  ///< GET

 private:
  using Source = std::unique_ptr<UpdateSource>;
  usecase::Async<http::Reply> updates(http::Request request, Source source) const;
  usecase::Async<http::Reply> open(http::Request request, Source source, usecase::LeasePtr lease,
                                   http::StreamKind kind) const;
  usecase::Async<http::Reply> page(http::Request request, Source source, usecase::LeasePtr lease) const;

  Needs needs_;
};

}  // namespace danwa::adapters
