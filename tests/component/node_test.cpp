#include <gtest/gtest.h>

#include "component/test_node.hpp"

namespace danwa::tests {
namespace {

class NodeOverHttp : public NodeTest {};

TEST_F(NodeOverHttp, ProbesAnswerWithoutAToken) {
  EXPECT_EQ(get("/healthz").status, 200);
  const Answer ready = get("/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.json()["checks"]["storage"], "ok");
  node_.http.state.start_draining();
  EXPECT_EQ(get("/readyz").status, 503);
}

TEST_F(NodeOverHttp, MetricsCountComments) {
  say("x");
  const std::string text = get("/metrics").body;
  EXPECT_NE(text.find("# TYPE danwa_comments_sent_total counter\ndanwa_comments_sent_total 1\n"), std::string::npos);
  EXPECT_NE(text.find("\nprocess_resident_memory_bytes "), std::string::npos);
}

TEST_F(NodeOverHttp, ClusterNamesThisNode) {
  const auto cluster = get("/v1/cluster").json();
  EXPECT_EQ(cluster["node"], "node-1");
  EXPECT_EQ(cluster["members"][0]["self"], true);
  EXPECT_EQ(cluster["members"][0]["http"], node_.http.server.bound_address());
}

TEST_F(NodeOverHttp, ThePageIsServedWithItsTag) {
  const Answer page = get("/");
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type").substr(0, 9), "text/html");
  EXPECT_EQ(get("/", {{"If-None-Match", page.header("etag")}}).status, 304);
  EXPECT_EQ(get("/openapi.yaml").status, 200);
}

TEST_F(NodeOverHttp, APreflightFromANeighbourIsGranted) {
  const Headers asked{{"Origin", "http://127.0.0.1:9"},
                      {"Access-Control-Request-Method", "POST"},
                      {"Access-Control-Request-Headers", "authorization, content-type"}};
  const Answer granted = client_.request("OPTIONS", "/v1/comments", asked);
  EXPECT_EQ(granted.status, 204);
  EXPECT_EQ(granted.header("access-control-allow-origin"), "http://127.0.0.1:9");
  EXPECT_NE(granted.header("access-control-allow-headers").find("Idempotency-Key"), std::string::npos);
  EXPECT_EQ(get("/v1/conversations", {{"Origin", "http://localhost:9"}}).header("access-control-allow-origin"),
            "http://localhost:9");
}

TEST_F(NodeOverHttp, AForeignOriginGetsNoGrant) {
  const Answer refused = client_.request(
      "OPTIONS", "/v1/comments", {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(refused.header("access-control-allow-origin"), "");
}

TEST(OneFile, IsServedAgainAfterARestart) {
  TempFolder folder;
  std::string location;
  {
    TestNode node{folder.file("danwa.db")};
    TestConnection client{node.port()};
    location =
        client
            .request("POST", "/v1/comments", {{"Authorization", "Bearer u"}, {"Content-Type", "application/json"}},
                     R"({"content":"kept","conversationKey":"k"})")
            .header("location");
  }
  TestNode node{folder.file("danwa.db")};
  EXPECT_EQ(TestConnection{node.port()}.request("GET", location).json()["content"], "kept");
}

TEST(TwoNodes, WithoutABusAreKeptTogetherByTheLog) {
  TempFolder folder;
  TestNode one{folder.file("danwa.db"), {"bus=none"}};
  TestNode two{folder.file("danwa.db"), {"bus=none", "node.name=node-2"}};
  TestConnection watcher{two.port()};
  ASSERT_EQ(watcher.open_websocket("/v1/conversations/k/updates").status, 101);
  watcher.frame();
  TestConnection{one.port()}.request("POST", "/v1/comments",
                                     {{"Authorization", "Bearer u"}, {"Content-Type", "application/json"}},
                                     R"({"content":"over there","conversationKey":"k"})");
  EXPECT_EQ(watcher.frame()["payload"]["commentContent"], "over there");
}

}  // namespace
}  // namespace danwa::tests
