#include "adapters/http/router.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/http/problem.hpp"
#include "adapters/http/requests.hpp"

namespace danwa::adapters::http {
namespace {

Handler says(std::string text) {
  return [text = std::move(text)](Request, PathParams params) -> usecase::Async<Reply> {
    std::string body = text;
    for (const auto& param : params) body += '|' + param;
    co_return Response{.content_type = "text/plain", .body = body};
  };
}

Router make_router() {
  Router router;
  router.add("GET", "/", says("root"));
  router.add("GET", "/v1/comments/{}", says("comment"));
  router.add("DELETE", "/v1/comments/{}", says("deleted"));
  router.add("GET", "/v1/{}/x/{}", says("two"));
  router.add("POST", "/v1/comments", says("posted"),
             {.caller = CallerNeed::writer, .takes_json = true, .max_body = 100});
  router.set_token_check([](const Request& request, CallerNeed) -> domain::Result<usecase::LeasePtr> {
    if (request.header("authorization")) return usecase::LeasePtr{};
    return domain::fail(
        domain::DomainError{domain::ErrorKind::unauthenticated, "token-required", "authorization", "A token, please."});
  });
  return router;
}

Response run(const Router& router, Request request) {
  boost::asio::io_context context;
  Response answer;
  const auto on_end = [&answer](const std::exception_ptr& failure, Reply reply) {
    if (failure) std::rethrow_exception(failure);
    answer = std::get<Response>(std::move(reply));
  };
  boost::asio::co_spawn(context, router.route(std::move(request)), on_end);
  context.run();
  return answer;
}

int refused(Request request, std::optional<std::uint64_t> length = {}) {
  const auto response = make_router().refuse_early(request, length);
  return response ? response->status : 0;
}

const std::pair<std::string, std::string> kToken{"authorization", "Bearer x"};
const std::pair<std::string, std::string> kJson{"content-type", "application/json"};

TEST(Router, RunsTheHandlerWithItsParameters) {
  const auto router = make_router();
  EXPECT_EQ(run(router, make_request("GET", "/")).body, "root");
  EXPECT_EQ(run(router, make_request("GET", "/v1/comments/a%2Fb")).body, "comment|a/b");
  EXPECT_EQ(run(router, make_request("GET", "/v1/p/x/q")).body, "two|p|q");
  EXPECT_EQ(run(router, make_request("HEAD", "/v1/comments/7")).body, "comment|7");
  EXPECT_EQ(run(router, make_request("DELETE", "/v1/comments/7")).body, "deleted|7");
}

TEST(Router, KnowsOnlyItsPaths) {
  for (const auto* target :
       {"/v1", "/v1/comments/", "/v1/comments/7/", "//", "/V1/comments/7", "/v1//comments/7", "/x"}) {
    EXPECT_EQ(run(make_router(), make_request("GET", target)).status, 404) << target;
    EXPECT_EQ(refused(make_request("GET", target)), 404) << target;
  }
}

TEST(Router, NamesTheAllowedMethods) {
  auto request = make_request("PUT", "/v1/comments/7");
  const auto answer = make_router().refuse_early(request, {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 405);
  EXPECT_EQ(answer->headers.back(), (std::pair<std::string, std::string>{"Allow", "GET, HEAD, DELETE, OPTIONS"}));
}

TEST(Router, AnswersOptions) {
  auto request = make_request("OPTIONS", "/v1/comments");
  const auto answer = make_router().refuse_early(request, {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(answer->headers.back(), (std::pair<std::string, std::string>{"Allow", "POST, OPTIONS"}));
  EXPECT_EQ(answer->body, "");
}

TEST(Router, AnswersOptionsOfTheServer) {
  Request request = make_request("OPTIONS", "/");
  request.target = "*";
  const auto answer = make_router().refuse_early(request, {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(*answer->header("Allow"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

TEST(Router, AsksForATokenBeforeAnythingOfTheBody) {
  EXPECT_EQ(refused(make_request("POST", "/v1/comments"), 1'000'000), 401);
  EXPECT_EQ(refused(make_request("GET", "/v1/comments/7")), 0) << "this route needs none";
}

TEST(Router, MeetsOnlyOneExpectation) {
  EXPECT_EQ(refused(make_request("GET", "/", {{"expect", "200-ok"}})), 417);
  EXPECT_EQ(refused(make_request("GET", "/", {{"expect", "100-Continue"}})), 0);
}

TEST(Router, TakesPlainJsonOnly) {
  EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken, kJson}), 10), 0);
  for (const auto* type :
       {"application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"", "application/json ; x=y",
        "application/json;", "application/json; ;charset=utf-8;", "application/json;charset=utf8",
        "application/json; charset=\"utf\\-8\"", "application/json;charset=UTF8; x=\"a;charset=utf-16\""}) {
    EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken, {"content-type", type}}), 10), 0) << type;
  }
  for (const auto* type :
       {"text/plain", "application/jsonx", "application/json, text/plain", "application/json; charset=utf-16", "",
        "*/*", "application/x-www-form-urlencoded", "application/json;charset", "json",
        "application/json; charset = utf-8",
        "application/json; charset=", "application/json;charset=utf-8;charset=latin1",
        "application/json; charset=iso-8859-1", "application/json; charset=us-ascii",
        "application/json; charset=\"utf-8", "application/json; x=a b", "application/json charset=utf-8"}) {
    EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken, {"content-type", type}}), 10), 415) << type;
  }
  EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken}), 10), 415);
  EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken, kJson, kJson}), 10), 415);
  for (const auto* coding : {"gzip", "identity, gzip", "br"}) {
    EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken, kJson, {"content-encoding", coding}}), 10), 415);
  }
  EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken, kJson, {"content-encoding", "Identity"}}), 10), 0);
  EXPECT_EQ(refused(make_request("POST", "/v1/comments",
                                 {kToken, kJson, {"content-encoding", "identity"}, {"content-encoding", "gzip"}}),
                    10),
            415);
}

TEST(Router, BoundsTheBodyByItsRoute) {
  EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken, kJson}), 100), 0);
  EXPECT_EQ(refused(make_request("POST", "/v1/comments", {kToken, kJson}), 101), 413);
  EXPECT_EQ(make_router().max_body(make_request("POST", "/v1/comments")), 100U);
}

TEST(Problem, HoldsAllErrors) {
  domain::Errors errors = domain::validation_error("content-empty", "content", "It is \"empty\".");
  errors.add(domain::validation_error("key-missing", "conversationKey", "It is missing."));
  const auto response = problem(errors);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            "{\"type\":\"urn:danwa:problem:content-empty\",\"title\":\"Unprocessable Content\",\"status\":422,"
            "\"detail\":\"It is \\\"empty\\\".\",\"errorCode\":\"content-empty\",\"errors\":["
            "{\"errorCode\":\"content-empty\",\"resource\":\"content\",\"message\":\"It is \\\"empty\\\".\"},"
            "{\"errorCode\":\"key-missing\",\"resource\":\"conversationKey\",\"message\":\"It is missing.\"}]}");
}

TEST(Problem, TellsHowToGoOn) {
  const auto has = [](const Response& response, const std::string& name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& h) { return h.first == name; });
  };
  EXPECT_TRUE(has(problem(401, "a", "b"), "WWW-Authenticate"));
  EXPECT_TRUE(has(problem(domain::unavailable("a", "b")), "Retry-After"));
  EXPECT_EQ(problem(domain::unavailable("a", "b")).status, 503);
}

}  // namespace
}  // namespace danwa::adapters::http
