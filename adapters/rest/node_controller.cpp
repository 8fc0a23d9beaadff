#include "adapters/protocol/json/json_writer.hpp"
#include "adapters/rest/answers.hpp"
#include "adapters/rest/caller.hpp"
#include "adapters/rest/controllers.hpp"
#include "adapters/web/assets.hpp"

namespace danwa::adapters {
namespace {

http::Reply serve(const web::Asset& asset) {
  http::Response answer;
  answer.headers = {{"ETag", std::string{asset.etag}},
                    {"Cache-Control", "no-cache"},
                    {"Content-Security-Policy", std::string{web::kContentSecurityPolicy}}};
  answer.content_type = asset.content_type;
  answer.body = asset.bytes;
  return answer;
}

usecase::Async<http::Reply> answer(const web::Asset& asset) { co_return serve(asset); }

}  // namespace

void add_assets(http::Router& router) {
  for (const web::Asset& asset : web::assets()) {
    router.add("GET", asset.path, [&asset](http::Request, http::PathParams) { return answer(asset); });
  }
}

namespace {

std::string to_json(const NodeMember& member) {
  std::string out = R"({"name":)";
  append_json_string(out, member.name);
  out += R"(,"http":)";
  append_json_string(out, member.http);
  out += R"(,"state":")";
  out += member.up ? "up" : "down";
  out += R"(","self":)";
  out += member.self ? "true}" : "false}";
  return out;
}

}  // namespace

usecase::Async<http::Reply> NodeController::health(http::Request) const {
  co_return json_answer(200, R"({"status":"ok"})");
}

usecase::Async<http::Reply> NodeController::readiness(http::Request) const {
  const bool storage = needs_.node.storage_healthy();
  const bool draining = needs_.node.draining();
  const bool ready = storage && !draining;
  std::string body = R"({"status":")";
  body += ready ? "ready" : draining ? "draining" : "unavailable";
  body += R"(","checks":{"storage":")";
  body += storage ? "ok" : "failed";
  body += R"(","draining":)";
  body += draining ? "true}}" : "false}}";
  http::Response answer = json_answer(ready ? 200 : 503, std::move(body));
  if (!ready) answer.headers.emplace_back("Retry-After", "1");
  co_return answer;
}

usecase::Async<http::Reply> NodeController::metrics(http::Request) const {
  http::Response answer = json_answer(200, needs_.metrics.to_prometheus() + needs_.node.process_figures());
  answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return answer;
}

usecase::Async<http::Reply> NodeController::cluster(http::Request) const {
  std::string body = R"({"node":)";
  append_json_string(body, needs_.node.name());
  body += R"(,"members":[)";
  const auto members = needs_.node.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) body += ',';
    body += to_json(members[i]);
  }
  body += "]}";
  co_return json_answer(200, std::move(body));
}

}  // namespace danwa::adapters
