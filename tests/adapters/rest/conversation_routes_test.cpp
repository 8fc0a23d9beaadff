#include <thread>

#include "adapters/rest/routes_fixture.hpp"

namespace danwa::adapters {
namespace {

using nlohmann::json;

class RoomRoutes : public RoutesTest {
 protected:
  static constexpr const char* kRoom = "/v1/conversations/lobby";

  Response put(const std::string& body, std::string_view token = "acme/ann") {
    return respond(request("PUT", kRoom, body, token));
  }
  Response ask(std::string_view method, const std::string& below, std::string_view token = "acme/ann") {
    return respond(request(method, kRoom + below, {}, token));
  }
};

TEST_F(RoomRoutes, ARoomIsShownBeforeAnybodyKnowsIt) {
  const Response shown = ask("GET", "");
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.body, R"({"conversationKey":"lobby","title":null,"visibility":"open","headSeq":0,"role":null})");
  EXPECT_EQ(header(shown, "Cache-Control"), "no-store");
}

TEST_F(RoomRoutes, SettingUpMakesItsOwner) {
  const Response made = put(R"({"title":"Night","visibility":"private","unknown":[1]})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body,
            R"({"conversationKey":"lobby","title":"Night","visibility":"private","headSeq":2,"role":"owner"})");
  EXPECT_EQ(put(R"({"title":"Night"})").status, 200);
  EXPECT_EQ(json::parse(put(R"({"title":null})").body)["title"], nullptr);
  EXPECT_EQ(problem(put(R"({"title":"Mine"})", "acme/bob")), "403 not-a-member");
}

TEST_F(RoomRoutes, WhatIsWrongWithSettingsIsToldAtOnce) {
  EXPECT_EQ(problem(put(R"({"title":7,"visibility":"secret"})")), "422 title-wrong-type visibility-unknown");
  EXPECT_EQ(problem(put(R"({"title":"","visibility":false})")), "422 visibility-wrong-type title-empty");
  EXPECT_EQ(problem(put(R"({"title":")" + std::string(201, 'x') + R"("})")), "422 title-too-long");
  EXPECT_EQ(problem(put("[]")), "400 invalid_json");
  EXPECT_EQ(problem(put("")), "400 invalid_json");
}

TEST_F(RoomRoutes, JoiningIsCreatedOnceAndThenJustSo) {
  const Response first = ask("PUT", "/members/ann");
  EXPECT_EQ(first.status, 201);
  const json member = json::parse(first.body);
  EXPECT_EQ(member["userId"], "ann");
  EXPECT_EQ(member["role"], "member");
  EXPECT_EQ(member["seq"], 1);
  const Response again = respond(request("PUT", std::string{kRoom} + "/members/ann", "not even json"));
  EXPECT_EQ(again.status, 200) << "the body is not looked at";
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(ask("DELETE", "/members/ann").status, 204);
  EXPECT_EQ(ask("DELETE", "/members/ann").status, 204);
}

TEST_F(RoomRoutes, UserIdsAreDecodedAndChecked) {
  EXPECT_EQ(problem(ask("PUT", "/members/" + std::string(256, 'u'))), "422 user-too-long");
  ask("PUT", "/members/ann");
  EXPECT_EQ(json::parse(ask("PUT", "/members/a%2Fb%20c").body)["userId"], "a/b c");
}

TEST_F(RoomRoutes, MembersComeInPages) {
  for (const char* user : {"ann", "cid", "bob"}) ask("PUT", std::string{"/members/"} + user);
  const json page = json::parse(ask("GET", "/members?limit=2").body);
  ASSERT_EQ(page["members"].size(), 2U);
  EXPECT_EQ(page["members"][1]["userId"], "bob");
  EXPECT_EQ(page["next"], "bob");
  const json rest = json::parse(ask("GET", "/members?limit=2&after=bob").body);
  EXPECT_EQ(rest["members"].size(), 1U);
  EXPECT_FALSE(rest.contains("next"));
  EXPECT_EQ(problem(ask("GET", "/members?limit=0&after=")), "400 after-invalid limit-invalid");
}

TEST_F(RoomRoutes, WritesNeedAName) {
  for (const auto& [method, target] : {std::pair{"PUT", ""}, {"PUT", "/members/ann"}, {"DELETE", "/members/ann"}}) {
    Request nameless = http::make_request(method, std::string{kRoom} + target, {{"content-type", "application/json"}});
    const auto refused = router.refuse_early(nameless, std::nullopt);
    ASSERT_TRUE(refused) << method << target;
    EXPECT_EQ(problem(*refused), "401 token-required");
    EXPECT_EQ(problem(respond(std::move(nameless))), "401 token-required");
  }
  EXPECT_EQ(memory.head(domain::ChannelKey::conversation(domain::CompanyId::trusted("acme"),
                                                         domain::ConversationKey::trusted("lobby"))),
            0U);
}

TEST_F(RoomRoutes, APrivateRoomSaysTheSameAtEveryEndpoint) {
  const std::string comment = header(say("secret"), "Location");
  put(R"({"visibility":"private"})");
  const std::vector<std::pair<const char*, std::string>> transports{{"GET", kRoom},
                                                                    {"GET", std::string{kRoom} + "/members"},
                                                                    {"GET", std::string{kRoom} + "/comments"},
                                                                    {"GET", std::string{kRoom} + "/updates"},
                                                                    {"GET", std::string{kRoom} + "/updates?wait=1"},
                                                                    {"PUT", std::string{kRoom} + "/members/bob"},
                                                                    {"DELETE", std::string{kRoom} + "/members/ann"},
                                                                    {"DELETE", comment},
                                                                    {"GET", comment}};
  for (const auto& [method, target] : transports) {
    EXPECT_EQ(problem(respond(request(method, target, {}, "acme/bob"))), "403 not-a-member") << method << target;
  }
  Request socket = request("GET", std::string{kRoom} + "/updates", {}, "acme/bob");
  socket.headers.emplace_back("upgrade", "websocket");
  EXPECT_EQ(problem(respond(std::move(socket))), "403 not-a-member");
  EXPECT_TRUE(feed.watches.empty());
  EXPECT_EQ(json::parse(ask("GET", "", "evil/ann").body)["headSeq"], 0) << "another company's is another room";
}

TEST_F(RoomRoutes, ALiveWatchIsGuardedAndPresentAndALongPollIsAbsent) {
  Request socket = request("GET", std::string{kRoom} + "/updates");
  socket.headers.emplace_back("upgrade", "websocket");
  const auto stream = std::get<OpenStream>(answer(std::move(socket)));
  ASSERT_TRUE(stream.watch.guard);
  EXPECT_EQ(stream.watch.presence, domain::UserId::trusted("ann"));
  respond(request("GET", std::string{kRoom} + "/updates?wait=0.01"));
  ASSERT_EQ(feed.watches.size(), 1U);
  EXPECT_TRUE(feed.watches[0].guard);
  EXPECT_FALSE(feed.watches[0].presence);
}

TEST_F(RoomRoutes, AMembershipThatEndsWhileALongPollWaitsEndsThePoll) {
  put(R"({"visibility":"private"})");
  ask("PUT", "/members/bob");
  std::thread other;  // as a feed may: not inside `ready`
  feed.on_ready = [&] {
    memory.channels.begin()->second.members.erase(domain::UserId::trusted("bob"));
    other = std::thread{[&] { feed.watcher.lock()->end(delivery::WatchCloseReason::forbidden); }};
  };
  const Response poll = respond(request("GET", std::string{kRoom} + "/updates?after=3&wait=60", {}, "acme/bob"));
  other.join();
  EXPECT_EQ(problem(poll), "403 not-a-member");
}

}  // namespace
}  // namespace danwa::adapters
