#include <thread>

#include "adapters/rest/routes_fixture.hpp"
#include "support/frames.hpp"

namespace danwa::adapters {
namespace {

using nlohmann::json;

class NotificationRoutes : public RoutesTest {
 protected:
  static constexpr const char* kUpdates = "/v1/notifications/updates";

  Response notify(const std::string& body, std::string_view token = "dev/ann",
                  const std::vector<std::string>& keys = {}) {
    Request post = request("POST", "/v1/notifications", body, token);
    for (const auto& key : keys) post.headers.emplace_back("idempotency-key", key);
    return respond(std::move(post));
  }
  json page(const std::string& query = "", std::string_view token = "dev/bob") {
    return json::parse(respond(request("GET", kUpdates + query, {}, token)).body);
  }
};

TEST_F(NotificationRoutes, ANotificationIsSavedAndTold) {
  const Response sent = notify(R"({"to":{"user":"bob","unknown":1},"text":"hi","unknown":{}})");
  EXPECT_EQ(sent.status, 201);
  const json saved = json::parse(sent.body);
  EXPECT_EQ(saved["to"], json({{"user", "bob"}}));
  EXPECT_EQ(saved["timestamp"], 1'790'000'000);
  EXPECT_EQ(saved["createdAt"], "2026-09-21T14:13:20.000Z");
  const json update = page()["updates"][0];
  EXPECT_EQ(update["type"], "notification");
  EXPECT_EQ(update["payload"]["notificationId"], saved["id"]);
  EXPECT_EQ(update["payload"]["channel"], "user:bob");
}

TEST_F(NotificationRoutes, WhatIsWrongIsToldAtOnce) {
  EXPECT_EQ(problem(notify("{}")), "422 to-missing text-missing");
  EXPECT_EQ(problem(notify(R"({"to":"bob","text":""})")), "422 to-wrong-type text-empty");
  EXPECT_EQ(problem(notify(R"({"to":{},"text":7})")), "422 text-wrong-type to-invalid");
  EXPECT_EQ(problem(notify(R"({"to":{"user":"a","store":"b"},"text":"x"})")), "422 to-invalid");
  EXPECT_EQ(problem(notify(R"({"to":{"user":null},"text":"x"})")), "422 to-invalid");
  EXPECT_EQ(problem(notify(R"({"to":{"user":7},"text":""})")), "422 user-wrong-type text-empty");
  EXPECT_EQ(problem(notify(R"({"to":{"store":""},"text":"x"})")), "422 store-empty");
  EXPECT_EQ(problem(notify(R"({"to":{"user":"a","user":"b"},"text":"x"})")), "400 invalid_json");
  EXPECT_EQ(problem(notify(R"({"to":{"user":"a"},"text":"x"})", "dev/ann", {"a", "b"})),
            "400 idempotency-key-repeated");
}

TEST_F(NotificationRoutes, WhoMayNotIsTold) {
  EXPECT_EQ(problem(notify(R"({"to":{"company":"acme"},"text":"x"})")), "403 not-granted");
  EXPECT_EQ(problem(notify(R"({"to":{"user":"bob"},"text":"x"})", "acme/ann")), "403 not-granted");
  EXPECT_EQ(notify(R"({"to":{"user":"ann"},"text":"x"})", "acme/ann").status, 201);
  EXPECT_EQ(problem(notify(R"({"to":{"user":"bob"},"text":"x"})", "bad")), "401 token-invalid");
}

TEST_F(NotificationRoutes, ARetryGetsTheFirstAnswer) {
  const std::string body = R"({"to":{"user":"bob"},"text":"once"})";
  const Response first = notify(body, "dev/ann", {"k"});
  const Response again = notify(body, "dev/ann", {"k"});
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
  EXPECT_EQ(header(first, "Idempotency-Replayed"), "");
  EXPECT_EQ(problem(notify(R"({"to":{"user":"bob"},"text":"twice"})", "dev/ann", {"k"})), "422 idempotency-key-reused");
}

TEST_F(NotificationRoutes, APageNamesEveryInboxInItsCursor) {
  EXPECT_EQ(page().dump(), R"({"epoch":"0123456789abcdef0123456789abcdef",)"
                           R"("next":"0123456789abcdef0123456789abcdef:company:dev=0,user:bob=0","updates":[]})");
  notify(R"({"to":{"company":"dev"},"text":"all"})");
  const auto first = page("?limit=1");
  EXPECT_EQ(first["updates"].size(), 1U);
  EXPECT_TRUE(page("?after=" + first["next"].get<std::string>())["updates"].empty());
  EXPECT_EQ(page("?after=00ff:user:bob=1")["reset"], true);
}

TEST_F(NotificationRoutes, NonsenseInTheQueryIsToldAtOnce) {
  const Response bad = respond(request("GET", "/v1/notifications/updates?after=7&limit=0&wait=99&delivery=x"));
  EXPECT_EQ(problem(bad), "400 after-invalid limit-invalid wait-invalid delivery-invalid");
}

TEST_F(NotificationRoutes, AStreamStartsWhereItsCursorSays) {
  Request sse = request("GET", "/v1/notifications/updates?delivery=latest&after=0");
  sse.headers.emplace_back("accept", "text/event-stream");
  sse.headers.emplace_back("last-event-id", "00ff:user:ann=3");
  const auto stream = std::get<OpenStream>(answer(std::move(sse)));
  EXPECT_EQ(stream.kind, http::StreamKind::sse);
  EXPECT_TRUE(stream.watch.merged);
  EXPECT_EQ(stream.watch.delivery, usecase::Delivery::latest);
  ASSERT_EQ(stream.watch.channels.size(), 2U);
  EXPECT_EQ(stream.watch.channels[0].after, (domain::Cursor{"00ff", 3}));
  EXPECT_FALSE(stream.watch.channels[1].after);
  Request socket = request("GET", "/v1/notifications/updates?after=0");
  socket.headers.emplace_back("upgrade", "websocket");
  EXPECT_EQ(std::get<OpenStream>(answer(std::move(socket))).watch.channels[1].after, domain::Cursor{});
}

TEST_F(NotificationRoutes, AResumeMarkCountsAsClientsSendIt) {
  const auto start = [this](const std::string& query, const char* mark) {
    Request sse = request("GET", "/v1/notifications/updates?after=0&" + query);
    sse.headers.emplace_back("accept", "text/event-stream");
    if (mark != nullptr) sse.headers.emplace_back("last-event-id", mark);
    return std::get<OpenStream>(answer(std::move(sse))).watch.channels[0].after;
  };
  EXPECT_EQ(start("", nullptr), domain::Cursor{});
  EXPECT_EQ(start("lastEventId=00ff:user:ann=3", nullptr), (domain::Cursor{"00ff", 3}));
  EXPECT_EQ(start("lastEventId=00ff:user:ann=3", "00ff:user:ann=4"), (domain::Cursor{"00ff", 4}));
  EXPECT_EQ(start("lastEventId=", ""), domain::Cursor{});
  EXPECT_EQ(problem(respond(request("GET", "/v1/notifications/updates?lastEventId=7"))), "400 lastEventId-invalid");
}

TEST_F(NotificationRoutes, ALongPollWaitsBehindThePageItHasRead) {
  notify(R"({"to":{"user":"bob"},"text":"old"})");
  const std::string next = page()["next"];
  std::thread other;  // as a feed may: not inside `ready`
  feed.on_ready = [&] {
    memory.append(domain::ChannelKey::inbox(domain::CompanyId::trusted("dev")), {},
                  domain::NotificationAdded{domain::NotificationId{}, domain::UserId::trusted("ann"),
                                            domain::NotificationText::trusted("new")});
    const auto update = memory.channels.at(domain::ChannelKey::inbox(domain::CompanyId::trusted("dev"))).updates[0];
    other = std::thread{[&, update] { feed.watcher.lock()->deliver({tests::encode_update(update)}); }};
  };
  const json woken = page("?wait=60&after=" + next);
  other.join();
  ASSERT_EQ(woken["updates"].size(), 1U);
  EXPECT_EQ(woken["updates"][0]["payload"]["text"], "new");
  ASSERT_EQ(feed.watches.size(), 1U);
  EXPECT_TRUE(feed.watches[0].merged);
  EXPECT_EQ(feed.watches[0].channels[0].after, (domain::Cursor{memory.epoch, 1}));
}

TEST_F(NotificationRoutes, WithoutANameThereIsNoInbox) {
  for (const char* accept : {"application/json", "text/event-stream"}) {
    EXPECT_EQ(problem(respond(http::make_request("GET", kUpdates, {{"accept", accept}}))), "401 token-required");
  }
}

}  // namespace
}  // namespace danwa::adapters
