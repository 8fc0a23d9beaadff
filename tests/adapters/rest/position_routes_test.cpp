#include <thread>

#include "adapters/rest/routes_fixture.hpp"
#include "support/frames.hpp"

// `Danwa-Position` through every endpoint of HTTP.

namespace danwa::adapters {
namespace {

class PositionRoutes : public RoutesTest {
 protected:
  std::string written(std::string_view method, std::string_view target, std::string body = {}) {
    const auto told = header(respond(request(method, target, std::move(body), "dev/ann")), "Danwa-Position");
    EXPECT_EQ(told, memory.now().to_string()) << method << ' ' << target;
    return told;
  }
  Request reading(std::string_view target, const std::string& seen) {
    Request made = request("GET", target);
    made.headers.emplace_back("danwa-position", seen);
    return made;
  }
  static std::string id_of(const Response& answer) {
    return nlohmann::json::parse(answer.body)["id"].get<std::string>();
  }

  const std::vector<std::string> reads_{"/v1/conversations",
                                        "/v1/conversations/lobby",
                                        "/v1/conversations/lobby/comments",
                                        "/v1/conversations/lobby/members",
                                        "/v1/conversations/lobby/updates",
                                        "/v1/notifications/updates",
                                        "/graphql?query=%7Bcomments(conversationKey:%22lobby%22)%7BheadSeq%7D%7D"};
};

TEST_F(PositionRoutes, EveryWriteTellsItsPosition) {
  const auto sent = respond(request("POST", "/v1/comments", R"({"content":"x","conversationKey":"lobby"})", "dev/ann"));
  EXPECT_EQ(header(sent, "Danwa-Position"), memory.now().to_string());
  const auto comment = "/v1/comments/" + id_of(sent);
  written("PATCH", comment, R"({"content":"y"})");
  written("DELETE", comment);
  written("PUT", "/v1/conversations/lobby", R"({"title":"Lobby"})");
  written("PUT", "/v1/conversations/lobby/members/bob");
  written("PUT", "/v1/conversations/lobby/members/bob");  // nothing to change
  written("DELETE", "/v1/conversations/lobby/members/bob");
  written("DELETE", "/v1/conversations/lobby/members/bob");
  written("POST", "/v1/notifications", R"({"to":{"user":"bob"},"text":"hi"})");
  const auto mutation = R"({"query":"mutation{sendComment(conversationKey:\"lobby\",content:\"z\"){seq}}"})";
  written("POST", "/graphql", mutation);
}

TEST_F(PositionRoutes, EveryReadTakesOneAndTellsItsOwn) {
  const auto comment = "/v1/comments/" + id_of(say("hello"));
  auto all = reads_;
  all.push_back(comment);
  for (const auto& target : all) {
    const auto by_header = respond(reading(target, memory.now().to_string()));
    EXPECT_EQ(by_header.status, 200) << target;
    EXPECT_EQ(header(by_header, "Danwa-Position"), memory.now().to_string()) << target;
    const auto query = (target.find('?') == std::string::npos ? "?position=" : "&position=") + memory.now().to_string();
    const auto by_query = respond(request("GET", target + query));
    EXPECT_EQ(header(by_query, "Danwa-Position"), memory.now().to_string()) << target;
  }
}

TEST_F(PositionRoutes, ReadsOfTheLogTellItUnasked) {
  say("hello");
  for (const char* target : {"/v1/conversations", "/v1/conversations/lobby/comments", "/v1/conversations/lobby/updates",
                             "/v1/notifications/updates"}) {
    EXPECT_EQ(header(respond(request("GET", target)), "Danwa-Position"), memory.now().to_string()) << target;
  }
}

TEST_F(PositionRoutes, AMalformedOneIsRefusedByName) {
  auto all = reads_;
  all.emplace_back("/v1/comments/00000000-0000-0000-0000-000000000001");
  all.emplace_back("/v1/conversations/lobby/presence");
  for (const auto& target : all) {
    for (const char* bad : {"", "7", "e.", "e.x", "e.1 e.2"}) {
      const auto refused = respond(reading(target, bad));
      EXPECT_EQ(refused.status, 400) << target << ' ' << bad;
      EXPECT_NE(refused.body.find("position-invalid"), std::string::npos) << target << ' ' << refused.body;
      EXPECT_NE(refused.body.find("Danwa-Position"), std::string::npos) << target;
    }
    const auto query = (target.find('?') == std::string::npos ? "?position=" : "&position=") + std::string{"bad"};
    EXPECT_EQ(respond(request("GET", target + query)).status, 400) << target;
  }
}

TEST_F(PositionRoutes, SoIsOneThatComesWithAWriteWhichThenWritesNothing) {
  const auto before = memory.now().to_string();
  const std::string comment = "/v1/comments/00000000-0000-0000-0000-000000000001";
  const std::vector<std::pair<std::string, std::string>> writes{{"POST", "/v1/comments"},
                                                                {"PATCH", comment},
                                                                {"DELETE", comment},
                                                                {"PUT", "/v1/conversations/lobby"},
                                                                {"PUT", "/v1/conversations/lobby/members/ann"},
                                                                {"DELETE", "/v1/conversations/lobby/members/ann"},
                                                                {"POST", "/v1/notifications"}};
  for (const auto& [method, target] : writes) {
    auto bad = request(method, target);
    bad.headers.emplace_back("danwa-position", "e.x");
    EXPECT_EQ(problem(respond(std::move(bad))), "400 position-invalid") << method << ' ' << target;
  }
  EXPECT_EQ(memory.now().to_string(), before);
}

TEST_F(PositionRoutes, AGoodOneChangesNothingAboutAWrite) {
  auto joining = request("PUT", "/v1/conversations/lobby/members/ann");
  joining.headers.emplace_back("danwa-position", memory.now().to_string());
  EXPECT_EQ(respond(std::move(joining)).status, 201);
}

TEST_F(PositionRoutes, TwoOfThemAreRefused) {
  auto twice = reading("/v1/conversations", "e.1");
  twice.headers.emplace_back("danwa-position", "e.1");
  EXPECT_EQ(problem(respond(std::move(twice))), "400 position-repeated");
  EXPECT_EQ(problem(respond(reading("/v1/conversations?position=e.1", "e.1"))), "400 position-repeated");
}

TEST_F(PositionRoutes, LiveStreamsTakeOne) {
  say("hello");
  auto made = reading("/v1/conversations/lobby/updates", memory.now().to_string());
  made.headers.emplace_back("accept", "text/event-stream");
  EXPECT_EQ(std::get<OpenStream>(answer(made)).watch.channels[0].now, usecase::ReadFrom::master);
  made.headers.clear();
  auto socket = http::make_request("GET", "/v1/conversations/lobby/updates?position=" + memory.now().to_string(),
                                   {{"authorization", "Bearer acme/ann"}, {"accept", "text/event-stream"}});
  EXPECT_EQ(std::get<OpenStream>(answer(socket)).watch.channels[0].now, usecase::ReadFrom::master);
  auto inboxes = http::make_request("GET", "/v1/notifications/updates?position=bad",
                                    {{"authorization", "Bearer acme/ann"}, {"accept", "text/event-stream"}});
  EXPECT_EQ(problem(std::get<Response>(answer(inboxes))), "400 position-invalid");
}

TEST_F(PositionRoutes, AReadThatCarriesOneIsNotServedByAReplicaThatIsBehind) {
  say("hello");
  const auto told = header(say("again"), "Danwa-Position");
  memory.replica_at = 1;
  const auto page = respond(request("GET", "/v1/conversations/lobby/comments"));
  EXPECT_EQ(nlohmann::json::parse(page.body)["headSeq"], 1);
  for (const char* target : {"/v1/conversations/lobby/comments", "/v1/conversations/lobby/updates"}) {
    const auto fresh = respond(reading(target, told));
    EXPECT_EQ(nlohmann::json::parse(fresh.body)["headSeq"], 2) << target;
    EXPECT_EQ(header(fresh, "Danwa-Position"), told);
  }
}

TEST_F(PositionRoutes, ALongPollThatWasWokenReadsTheMaster) {
  say("hello");
  say("again");
  memory.replica_at = 1;
  const auto updates = memory.channels.begin()->second.updates[1];
  std::thread other;  // as a feed may: not inside `ready`
  feed.on_ready = [&] { other = std::thread{[&] { feed.watcher.lock()->deliver({tests::encode_update(updates)}); }}; };
  const auto page = respond(request("GET", "/v1/conversations/lobby/updates?after=1&wait=5"));
  other.join();
  EXPECT_EQ(nlohmann::json::parse(page.body)["updates"].size(), 1U);
  EXPECT_EQ(feed.watches.size(), 1U);
}

}  // namespace
}  // namespace danwa::adapters
