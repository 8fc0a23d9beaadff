#include <gtest/gtest.h>

#include <list>
#include <random>

#include "component/test_node.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {
namespace {

using nlohmann::json;

/// One live watch of the lobby.
class Watch {
 public:
  Watch(int port, const std::string& user, const std::string& path = "/v1/conversations/lobby/updates")
      : connection_{port} {
    const Headers headers = user.empty() ? Headers{} : Headers{{"Authorization", "Bearer " + user}};
    if (connection_.open_websocket(path, headers).status != 101) throw std::runtime_error{"no watch"};
  }

  /// The next `presence-changed` whose count is `count`; other frames are passed over.
  json presence_of(std::size_t count) {
    for (;;) {
      const json frame = connection_.any_frame();
      if (frame.value("type", "") == "presence-changed" && frame["payload"]["count"] == count) return frame["payload"];
    }
  }
  json next() { return connection_.any_frame(); }

 private:
  TestConnection connection_;
};

class PresenceOverHttp : public NodeTest {
 protected:
  static constexpr const char* kPath = "/v1/conversations/lobby/presence";

  Watch watch(const std::string& user) { return Watch{node_.port(), user}; }
  json present(const std::string& query = "") { return get(kPath + query, as("zoe")).json(); }
  bool becomes(const json& users, std::chrono::milliseconds time = std::chrono::seconds{10}) {
    return wait_for([&] { return present("?limit=1000")["users"] == users; }, time);
  }
};

TEST_F(PresenceOverHttp, AnEmptyConversationHasNobody) {
  const Answer answer = get(kPath, as("zoe"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json(), (json{{"conversationKey", "lobby"}, {"count", 0}, {"users", json::array()}}));
  EXPECT_EQ(answer.header("cache-control"), "no-store");
}

TEST_F(PresenceOverHttp, TwoDevicesAreOnePresence) {
  const auto phone = watch("alice");
  {
    const auto laptop = watch("alice");
    const auto bob = watch("bob");
    EXPECT_TRUE(becomes({"alice", "bob"}));
    EXPECT_EQ(present()["count"], 2);
  }
  EXPECT_TRUE(becomes({"alice"}, std::chrono::seconds{1}));
}

TEST_F(PresenceOverHttp, AWatcherIsShownWhoIsThereAndEveryChange) {
  auto alice = watch("alice");
  {
    auto bob = watch("bob");
    EXPECT_EQ(bob.presence_of(2)["users"], (json{"alice", "bob"}));
    EXPECT_EQ(alice.presence_of(2), (json{{"conversationKey", "lobby"}, {"count", 2}, {"users", {"alice", "bob"}}}));
  }
  EXPECT_EQ(alice.presence_of(1)["users"], json{"alice"});
}

TEST_F(PresenceOverHttp, ASecondDeviceIsShownWhoIsThere) {
  auto phone = watch("alice");
  auto bob = watch("bob");
  phone.presence_of(2);
  auto laptop = watch("alice");
  EXPECT_EQ(laptop.next()["type"], "watching");
  EXPECT_EQ(laptop.presence_of(2)["users"], (json{"alice", "bob"}));
}

TEST_F(PresenceOverHttp, AnEventStreamIsAPresenceAndShowsIt) {
  const auto bob = watch("bob");
  TestConnection stream{node_.port()};
  const Headers headers{{"Authorization", "Bearer alice"}, {"Accept", "text/event-stream"}};
  ASSERT_EQ(stream.request("GET", "/v1/conversations/lobby/updates", headers).status, 200);
  EXPECT_NE(stream.take_until(R"("users":["alice","bob"])").find("presence-changed"), std::string::npos);
  EXPECT_TRUE(becomes({"alice", "bob"}));
}

TEST_F(PresenceOverHttp, AnonymousPeopleAndLongPollsAreNoPresence) {
  auto anonymous = watch("");
  TestConnection poll{node_.port()};
  poll.send(
      "GET /v1/conversations/lobby/updates?after=0&wait=0.6 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "Authorization: Bearer polly\r\nAccept: application/json\r\n\r\n");
  const auto started = std::chrono::steady_clock::now();
  auto alice = watch("alice");
  EXPECT_EQ(anonymous.presence_of(1)["users"], json{"alice"});
  EXPECT_EQ(present()["users"], json{"alice"});
  EXPECT_EQ(poll.read_answer().json()["updates"], json::array());
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds{400});  // presence is no news
}

TEST_F(PresenceOverHttp, PeopleComeInPages) {
  std::list<Watch> watches;
  for (const char* user : {"dora", "alice", "carl", "bob"}) watches.emplace_back(node_.port(), user);
  ASSERT_TRUE(becomes({"alice", "bob", "carl", "dora"}));
  const json first = present("?limit=2");
  EXPECT_EQ(first["users"], (json{"alice", "bob"}));
  EXPECT_EQ(first["count"], 4);
  EXPECT_EQ(first["next"], "bob");
  const json second = present("?limit=2&after=bob");
  EXPECT_EQ(second["users"], (json{"carl", "dora"}));
  EXPECT_FALSE(second.contains("next"));
}

TEST_F(PresenceOverHttp, BadInputIsNamed) {
  const auto code = [this](const std::string& query) { return present(query)["errorCode"]; };
  EXPECT_EQ(code("?limit=0"), "limit-invalid");
  EXPECT_EQ(code("?limit=1001"), "limit-invalid");
  EXPECT_EQ(code("?after="), "after-invalid");
  EXPECT_EQ(get("/v1/conversations/%2E%2E/presence", as("zoe")).status, 400);
}

TEST_F(PresenceOverHttp, OutsidersOfAPrivateRoomLearnNothing) {
  const Answer made = client_.request("PUT", "/v1/conversations/lobby", as("alice"), R"({"visibility":"private"})");
  ASSERT_TRUE(made.status == 200 || made.status == 201) << made.body;
  const auto alice = watch("alice");
  const Answer refused = get(kPath, as("zoe"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.json()["errorCode"], "not-a-member");
  EXPECT_EQ(get(kPath, as("alice")).json()["users"], json{"alice"});
}

TEST_F(PresenceOverHttp, AfterMuchComingAndGoingTheCountIsExact) {
  auto observer = watch("observer");
  std::mt19937 random{7};
  std::list<Watch> watches;
  std::multiset<std::string> there{"observer"};
  std::list<std::string> names;
  for (int i = 0; i < 500; ++i) {
    names.push_back("person-" + std::to_string(random() % 50));
    watches.emplace_back(node_.port(), names.back());
    there.insert(names.back());
    if (random() % 3 == 0) continue;
    there.erase(there.find(names.front()));
    names.pop_front();
    watches.pop_front();
  }
  json users = json::array();
  for (auto person = there.begin(); person != there.end(); person = there.upper_bound(*person))
    users.push_back(*person);
  EXPECT_TRUE(becomes(users));
  EXPECT_EQ(observer.presence_of(users.size())["count"], users.size());
  watches.clear();
  EXPECT_TRUE(becomes({"observer"}));
  EXPECT_TRUE(wait_for([this] { return node_.system.metrics.presence_entries.value() == 1; }));
}

}  // namespace
}  // namespace danwa::tests
