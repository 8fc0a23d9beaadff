#include <cstdio>
#include <iostream>

#include "app/client/asking.hpp"

namespace danwa::app::client {
namespace {

int send_one(const SendOptions& options, const std::string& text) {
  nlohmann::json body{{"content", text}, {"conversationKey", options.conversation}};
  if (!options.client_ref.empty()) body["clientRef"] = options.client_ref;
  infra::HttpRequest request{.method = "POST",
                             .target = "/v1/comments",
                             .token = {},
                             .headers = {},
                             .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
  if (!options.idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", options.idempotency_key);
  const auto reply = ask(options.access, std::move(request));
  if (reply.status != 201) return refused(reply.status, reply.body);
  std::puts(reply.body.c_str());
  return kOk;
}

}  // namespace

int send(const SendOptions& options) {
  if (options.text != "-") return send_one(options, options.text);
  std::string line;
  while (std::getline(std::cin, line)) {
    if (const int ended = send_one(options, line); ended != kOk) return ended;
  }
  return kOk;
}

}  // namespace danwa::app::client
