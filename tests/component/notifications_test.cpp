#include <gtest/gtest.h>

#include "component/test_node.hpp"

namespace danwa::tests {
namespace {

using nlohmann::json;

class NotificationsOverHttp : public NodeTest {
 protected:
  static constexpr const char* kUpdates = "/v1/notifications/updates";

  Answer notify(const json& to, const std::string& text, const std::string& sender = "ann") {
    return client_.request("POST", "/v1/notifications", as(sender), json{{"to", to}, {"text", text}}.dump());
  }
  std::unique_ptr<TestConnection> watch(const std::string& user, const std::string& query = "") {
    auto watcher = std::make_unique<TestConnection>(node_.port());
    EXPECT_EQ(watcher->open_websocket(kUpdates + query, as(user)).status, 101);
    return watcher;
  }
};

TEST_F(NotificationsOverHttp, TheInboxesAreOneStream) {
  const auto bob = watch("bob");
  const json watching = bob->frame();
  EXPECT_EQ(watching["type"], "watching");
  EXPECT_EQ(watching["payload"]["channels"], json({"user:bob", "company:demo"}));
  EXPECT_EQ(notify({{"user", "bob"}}, "to you").status, 201);
  json frame = bob->frame();
  EXPECT_EQ(frame["payload"]["text"], "to you");
  EXPECT_FALSE(frame["payload"].contains("conversationKey"));
  EXPECT_EQ(notify({{"company", "demo"}}, "to all").status, 201);
  frame = bob->frame();
  EXPECT_EQ(frame["payload"]["text"], "to all");
  EXPECT_EQ(frame["payload"]["channel"], "company:demo");
  EXPECT_EQ(frame["payload"]["seq"], 1) << "each inbox counts for itself";
}

TEST_F(NotificationsOverHttp, AWatchResumesByTheCursorItWasTold) {
  const auto before = watch("bob");
  const std::string cursor = before->frame()["payload"]["cursor"];
  notify({{"user", "bob"}}, "one");
  notify({{"company", "demo"}}, "two");
  const auto again = watch("bob", "?after=" + cursor);
  EXPECT_EQ(again->frame()["type"], "watching");
  std::set<std::string> texts;
  for (int i = 0; i < 2; ++i) texts.insert(again->frame()["payload"]["text"]);
  EXPECT_EQ(texts, (std::set<std::string>{"one", "two"}));
}

TEST_F(NotificationsOverHttp, AnEventStreamsIdIsTheWholeCursor) {
  notify({{"company", "demo"}}, "one");
  notify({{"user", "bob"}}, "two");
  TestConnection stream{node_.port()};
  const Answer opened = stream.request("GET", std::string{kUpdates} + "?after=0",
                                       {{"Authorization", "Bearer bob"}, {"Accept", "text/event-stream"}});
  ASSERT_EQ(opened.status, 200);
  const std::string all = stream.take_until("company:demo=1,user:bob=1");
  EXPECT_NE(all.find("watching"), std::string::npos);
}

TEST_F(NotificationsOverHttp, APageAndALongPoll) {
  notify({{"user", "bob"}}, "one");
  const json page = get(kUpdates, as("bob")).json();
  ASSERT_EQ(page["updates"].size(), 1U);
  const std::string next = page["next"];
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(get(std::string{kUpdates} + "?wait=0.2&after=" + next, as("bob")).json()["updates"].empty());
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{200});
  TestConnection poll{node_.port()};
  poll.send("GET " + std::string{kUpdates} + "?wait=60&after=" + next +
            " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer bob\r\n\r\n");
  notify({{"company", "demo"}}, "two");
  EXPECT_EQ(poll.read_answer().json()["updates"][0]["payload"]["text"], "two");
}

TEST_F(NotificationsOverHttp, AForeignCursorIsAReset) {
  notify({{"user", "bob"}}, "one");
  const json page = get(std::string{kUpdates} + "?after=00ff:user:bob=1", as("bob")).json();
  EXPECT_EQ(page["reset"], true);
  EXPECT_TRUE(page["updates"].empty());
  EXPECT_TRUE(
      get(std::string{kUpdates} + "?after=" + page["next"].get<std::string>(), as("bob")).json()["updates"].empty());
}

TEST_F(NotificationsOverHttp, WithoutATokenThereIsNothing) {
  EXPECT_EQ(get(kUpdates).status, 401);
  TestConnection watcher{node_.port()};
  EXPECT_EQ(watcher.open_websocket(kUpdates).status, 401);
  EXPECT_EQ(TestConnection{node_.port()}
                .request("POST", "/v1/notifications", {{"Content-Type", "application/json"}}, "{}")
                .status,
            401);
}

}  // namespace
}  // namespace danwa::tests
