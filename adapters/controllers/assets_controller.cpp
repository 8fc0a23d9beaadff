#include "adapters/controllers/assets_controller.hpp"

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

}  // namespace danwa::adapters
