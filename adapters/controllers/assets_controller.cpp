#include "adapters/controllers/assets_controller.hpp"

#include "adapters/http/etag.hpp"
#include "adapters/web/assets.hpp"

namespace danwa::adapters {
namespace {

http::Reply serve(const http::Request& request, const web::Asset& asset) {
  http::Response answer;
  answer.headers = {{"ETag", std::string{asset.etag}},
                    {"Cache-Control", "no-cache"},
                    {"Content-Security-Policy", std::string{web::kContentSecurityPolicy}}};
  if (http::none_match_hits(request, asset.etag)) {
    answer.status = 304;
    return answer;
  }
  answer.content_type = asset.content_type;
  answer.body = asset.bytes;
  return answer;
}

usecase::Async<http::Reply> answer(http::Request request, const web::Asset& asset) { co_return serve(request, asset); }

}  // namespace

void add_assets(http::Router& router) {
  for (const web::Asset& asset : web::assets()) {
    router.add("GET", asset.path,
               [&asset](http::Request request, http::PathParams) { return answer(std::move(request), asset); });
  }
}

}  // namespace danwa::adapters
