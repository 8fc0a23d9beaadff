#include "adapters/graphql/ws_connection.hpp"

#include <gtest/gtest.h>

#include "adapters/graphql/ws_fakes.hpp"
#include "adapters/http/bearer.hpp"
#include "support/frames.hpp"
#include "support/in_memory_comment_repository.hpp"
#include "support/in_memory_update_log.hpp"
#include "support/nobody_present.hpp"

namespace danwa::adapters::graphql {
namespace {

using nlohmann::json;

class NoEvents final : public usecase::EventBus {
  void publish(domain::DomainEvent, const domain::Epoch&) override {}
};
class NoIds final : public usecase::IdGenerator {
  domain::Uuid next() override { return {}; }
};
class StillClock final : public usecase::Clock {
  domain::Timestamp now() const override { return {}; }
};

/// An endpoint over fakes, and connections to it.
class GraphqlConnection : public testing::Test {
 protected:
  std::shared_ptr<FakeLink> connect(std::optional<Dialect> dialect = Dialect::transport,
                                    UpgradeLease upgrade = std::nullopt) {
    auto link = std::make_shared<FakeLink>(std::make_shared<WsConnection>(endpoint_, dialect, std::move(upgrade)));
    link->open();
    return link;
  }

  std::shared_ptr<FakeLink> acknowledged(const std::string& user = "bob") {
    auto link = connect();
    link->say({{"type", "connection_init"}, {"payload", {{"token", user}}}});
    EXPECT_EQ(link->sent.at(0)["type"], "connection_ack");
    link->drain();
    link->sent.clear();
    return link;
  }

  static json subscribe(const std::string& id, const std::string& query) {
    return {{"type", "subscribe"}, {"id", id}, {"payload", {{"query", query}}}};
  }
  static json watch(const std::string& id, const std::string& selection = "seq content") {
    return subscribe(id, "subscription { onConversationUpdated(conversationKey: \"lobby\") { " + selection + " } }");
  }

  static domain::ChannelKey lobby() {
    return domain::ChannelKey::conversation(tests::company(), tests::conversation());
  }
  static delivery::FramePtr watching() { return tests::encode_watching(lobby(), {domain::Epoch{"e1"}, 0}, "node-1"); }
  static delivery::FramePtr added(domain::Seq seq, const std::string& text) {
    return tests::encode_update({lobby(), seq, tests::at(0),
                                 domain::CommentAdded{tests::comment_id(seq), tests::user(),
                                                      domain::CommentContent::trusted(text), std::nullopt}});
  }
  void deliver(FakeLink& link, std::size_t watch, delivery::FrameBatch frames) {
    feed_.watches.at(watch)->watcher.lock()->deliver(std::move(frames));
    link.run();
  }

  tests::InMemoryLog log_;
  tests::InMemoryCommentRepository comments_{log_};
  tests::InMemoryUpdateLog updates_{log_};
  OpenRooms rooms_;
  NoInbox inboxes_;
  NoEvents events_;
  NoIds ids_;
  StillClock clock_;
  NamedTokens tokens_;
  FakeFeed feed_;
  tests::NobodyPresent nobody_;
  const UseCases use_cases_{{.content_max = 4'000,
                             .comments = comments_,
                             .conversations = rooms_,
                             .notifications = inboxes_,
                             .log = updates_,
                             .presence = nobody_,
                             .events = events_,
                             .ids = ids_,
                             .clock = clock_,
                             .readers = 2}};
  std::shared_ptr<Endpoint> endpoint_ = std::make_shared<Endpoint>(use_cases_, tokens_, feed_);
};

TEST_F(GraphqlConnection, ClosesWithoutASubprotocolAndForABadToken) {
  EXPECT_EQ(connect(std::nullopt)->close_code, 4406);
  const auto link = connect();
  link->say({{"type", "connection_init"}, {"payload", {{"token", "bad"}}}});
  EXPECT_EQ(link->close_code, 4403);
  const auto nameless = connect();
  nameless->say({{"type", "connection_init"}});
  EXPECT_EQ(nameless->close_code, 4403);
}

TEST_F(GraphqlConnection, GivesTheInitTenSeconds) {
  const auto link = connect();
  ASSERT_TRUE(link->alarm);
  const auto left = *link->alarm - FakeLink::Clock::now();
  EXPECT_GT(left, std::chrono::seconds{9});
  EXPECT_LE(left, std::chrono::seconds{10});
  const auto good = acknowledged();
  EXPECT_FALSE(good->alarm);
}

TEST_F(GraphqlConnection, TakesTheUpgradesCredentialWhenTheInitHasNone) {
  const auto lease = *tokens_.lease("short");
  const auto link = connect(Dialect::transport, lease);
  link->say({{"type", "connection_init"}});
  EXPECT_EQ(link->sent.at(0)["type"], "connection_ack");
  ASSERT_TRUE(link->held);
  EXPECT_EQ(*link->held, (std::pair{lease, std::uint16_t{4403}}));
}

TEST_F(GraphqlConnection, StartsNothingBehindTheEndOfItsLease) {
  const auto link = acknowledged("short");
  link->say(subscribe("1", "{ me { userId } }"));
  EXPECT_EQ(link->sent.size(), 2U);
  link->drain();
  tokens_.set_time(std::chrono::milliseconds{1'000});
  link->say(subscribe("2", "{ me { userId } }"));
  EXPECT_EQ(link->sent.size(), 2U);
}

TEST_F(GraphqlConnection, AnUpgradeOfAnotherSchemeNeedsATokenInItsInit) {
  const auto other = [] { return UpgradeLease{domain::fail(http::token_invalid())}; };
  const auto good = connect(Dialect::transport, other());
  good->say({{"type", "connection_init"}, {"payload", {{"token", "bob"}}}});
  EXPECT_EQ(good->sent.at(0)["type"], "connection_ack");
  const auto bare = connect(Dialect::transport, other());
  bare->say({{"type", "connection_init"}});
  EXPECT_EQ(bare->close_code, 4403);
}

TEST_F(GraphqlConnection, RunsQueriesOneAfterAnotherAsTheSocketTakesTheAnswers) {
  const auto link = acknowledged();
  link->say(subscribe("1", "{ me { userId } }"));
  link->say(subscribe("2", "{ me { userId stores } }"));
  ASSERT_EQ(link->sent.size(), 2U);  // the second waits for the socket
  EXPECT_EQ(link->sent[0], json::parse(R"({"id":"1","type":"next","payload":{"data":{"me":{"userId":"bob"}}}})"));
  EXPECT_EQ(link->sent[1], json::parse(R"({"id":"1","type":"complete"})"));
  link->drain_all();
  ASSERT_EQ(link->sent.size(), 4U);
  EXPECT_EQ(link->sent[2]["payload"]["data"]["me"]["stores"], json::array());
}

TEST_F(GraphqlConnection, AnswersARequestThatCannotBeExecutedByAnError) {
  const auto link = acknowledged();
  link->say(subscribe("1", "{ nothing }"));
  ASSERT_EQ(link->sent.size(), 1U);
  EXPECT_EQ(link->sent[0]["type"], "error");
  EXPECT_EQ(link->sent[0]["payload"][0]["extensions"]["code"], "graphql-validation");
  link->say(subscribe("1", "{ me { userId } }"));  // the id is free again
  link->drain_all();
  EXPECT_EQ(link->close_code, 0);
}

TEST_F(GraphqlConnection, ShowsUpdatesWithTheirCursor) {
  const auto link = acknowledged();
  link->say(watch("7", "type seq cursor content authorId"));
  ASSERT_EQ(feed_.watches.size(), 1U);
  EXPECT_EQ(feed_.watches[0]->readies, 1);
  deliver(*link, 0, {watching(), added(1, "hi")});
  ASSERT_EQ(link->sent.size(), 2U);
  EXPECT_EQ(link->sent[0]["payload"]["data"]["onConversationUpdated"]["type"], "watching");
  EXPECT_EQ(link->sent[0]["payload"]["data"]["onConversationUpdated"]["cursor"], "e1:0");
  EXPECT_EQ(link->sent[1],
            json::parse(R"({"id":"7","type":"next","payload":{"data":{"onConversationUpdated":{"type":"comment-added",
                            "seq":1,"cursor":"e1:1","content":"hi","authorId":"ann"}}}})"));
}

TEST_F(GraphqlConnection, ShowsWhoIsHereAtThePlaceThatWasReached) {
  const auto link = acknowledged();
  link->say(watch("1", "type seq count users cursor"));
  const auto present = tests::encode_presence(lobby(), {2, {tests::user("ann"), tests::user("bob")}, false});
  deliver(*link, 0, {watching(), added(7, "hi"), present});
  EXPECT_EQ(link->sent.back()["payload"]["data"]["onConversationUpdated"],
            json::parse(R"({"type":"presence-changed","seq":null,"count":2,"users":["ann","bob"],"cursor":"e1:7"})"));
}

TEST_F(GraphqlConnection, SaysReadyOnlyWhenTheSocketHasTakenTheBatch) {
  const auto link = acknowledged();
  link->say(watch("1"));
  link->say(watch("2"));
  deliver(*link, 0, {watching(), added(1, "a")});
  deliver(*link, 1, {watching(), added(1, "a")});
  EXPECT_EQ(link->sent.size(), 2U);  // of the first watch alone
  EXPECT_EQ(feed_.watches[0]->readies, 1);
  link->drain();
  EXPECT_EQ(feed_.watches[0]->readies, 2);
  EXPECT_EQ(feed_.watches[1]->readies, 1);
  EXPECT_EQ(link->sent.size(), 4U);
  link->drain();
  EXPECT_EQ(feed_.watches[1]->readies, 2);
}

TEST_F(GraphqlConnection, ShowsNoTextThatWasRemovedWhileItWaited) {
  const auto link = acknowledged();
  link->say(watch("1"));
  const auto frame = added(1, "secret");
  link->send("{}");  // keeps the socket busy
  deliver(*link, 0, {watching(), frame});
  frame->redact();
  link->drain();
  EXPECT_EQ(link->sent.back()["payload"]["data"]["onConversationUpdated"]["content"], nullptr);
  EXPECT_EQ(link->sent.back()["payload"]["data"]["onConversationUpdated"]["seq"], 1);
}

TEST_F(GraphqlConnection, ACompletedSubscriptionSaysNothingMore) {
  const auto link = acknowledged();
  link->say(watch("1"));
  const auto watcher = feed_.watches[0]->watcher.lock();
  link->say({{"type", "complete"}, {"id", "1"}});
  EXPECT_TRUE(feed_.watches[0]->gone);
  watcher->deliver({watching(), added(1, "late")});
  link->run();
  EXPECT_TRUE(link->sent.empty());
}

TEST_F(GraphqlConnection, ARightThatEndsEndsTheSubscription) {
  const auto link = acknowledged();
  link->say(watch("1"));
  feed_.watches[0]->watcher.lock()->end(delivery::WatchCloseReason::forbidden);
  link->run();
  ASSERT_EQ(link->sent.size(), 1U);
  EXPECT_EQ(link->sent[0]["type"], "error");
  EXPECT_EQ(link->sent[0]["payload"][0]["extensions"]["code"], "not-a-member");
  EXPECT_EQ(link->close_code, 0);
  EXPECT_TRUE(feed_.watches[0]->gone);
}

TEST_F(GraphqlConnection, AFeedThatGoesAwayEndsTheConnection) {
  const auto link = acknowledged();
  link->say(watch("1"));
  feed_.watches[0]->watcher.lock()->end(delivery::WatchCloseReason::going_away);
  link->run();
  EXPECT_EQ(link->close_code, 1001);
  EXPECT_EQ(link->close_reason, "retry-after=1000");
  EXPECT_TRUE(feed_.watches[0]->gone);
}

TEST_F(GraphqlConnection, RefusesWatchesThatAreNotTheCallers) {
  const auto link = acknowledged("bob");
  const auto refusal = [&](const std::string& field) {
    link->sent.clear();
    link->say(subscribe("1", "subscription { " + field + " }"));
    link->drain_all();
    return link->sent.at(0)["type"] == "error" ? link->sent[0]["payload"][0]["extensions"]["code"] : json();
  };
  EXPECT_EQ(refusal("onNotificationReceived(userName: \"ann\") { text }"), "not-granted");
  EXPECT_EQ(refusal("onConversationUpdated(conversationKey: \"secret\") { type }"), "not-a-member");
  EXPECT_EQ(refusal("onConversationUpdated(conversationKey: \"x\", after: \"what\") { type }"), "after-invalid");
  EXPECT_EQ(refusal("onNotificationReceived(userName: \"bob\", after: \"what\") { text }"), "after-invalid");
  EXPECT_TRUE(feed_.watches.empty());
}

TEST_F(GraphqlConnection, ANotificationCarriesTheMergedCursor) {
  const auto link = acknowledged("bob");
  link->say(
      subscribe("1", "subscription { onNotificationReceived(userName: \"bob\") { text timestamp channel cursor } }"));
  ASSERT_EQ(feed_.watches.size(), 1U);
  EXPECT_TRUE(feed_.watches[0]->request.merged);
  const auto inbox = domain::ChannelKey::inbox(tests::company(), tests::user("bob"));
  const delivery::MergedPosition start{{"user:bob", "company:acme"}, {"e1", {{"company:acme", 4}, {"user:bob", 0}}}};
  const auto first = tests::encode_watching(inbox, start, "node-1");
  const auto note =
      tests::encode_update({inbox, 1, tests::at(5'000),
                            domain::NotificationAdded{{}, tests::user(), domain::NotificationText::trusted("hi")}});
  deliver(*link, 0, {first, note});
  ASSERT_EQ(link->sent.size(), 1U);
  EXPECT_EQ(link->sent[0]["payload"]["data"]["onNotificationReceived"],
            json::parse(R"({"text":"hi","timestamp":5,"channel":"user:bob","cursor":"e1:company:acme=4,user:bob=1"})"));
  deliver(*link, 0, {tests::encode_reset(inbox, {domain::Epoch{"e2"}, 0})});
  link->drain_all();
  EXPECT_EQ(link->sent.back()["type"], "error");
  EXPECT_EQ(link->sent.back()["payload"][0]["extensions"]["code"], "reset");
}

TEST_F(GraphqlConnection, StartsWatchesNotBeforeThePositionOfTheInit) {
  const auto link = connect();
  link->say({{"type", "connection_init"}, {"payload", {{"token", "bob"}, {"position", "e.7"}}}});
  link->drain();
  link->say(watch("1"));
  EXPECT_EQ(feed_.watches.at(0)->request.channels[0].now, usecase::ReadFrom::master);
  const auto plain = acknowledged();
  plain->say(watch("1"));
  EXPECT_EQ(feed_.watches.at(1)->request.channels[0].now, usecase::ReadFrom::replica);
}

TEST_F(GraphqlConnection, ShowsWhatItHasWrittenThoughTheReplicaIsBehind) {
  const auto link = acknowledged();
  const auto send = R"(mutation { sendComment(conversationKey: "lobby", content: "hi") { seq } })";
  link->say(subscribe("1", send));
  EXPECT_EQ(link->sent.at(0)["payload"]["extensions"]["position"], log_.now().to_string());
  link->drain();
  log_.replica_at = 0;
  link->say(subscribe("2", R"({ comments(conversationKey: "lobby") { headSeq } })"));
  EXPECT_EQ(link->sent.at(2)["payload"]["data"]["comments"]["headSeq"], 1);
  EXPECT_FALSE(link->sent.at(2)["payload"].contains("extensions"));
}

TEST_F(GraphqlConnection, RendersAFrameOnceForOneSelection) {
  const auto frame = added(1, "hi");
  const auto one = acknowledged();
  one->say(watch("1"));
  deliver(*one, 0, {watching(), frame});
  const auto other = acknowledged("ann");
  other->say(watch("1"));
  deliver(*other, 1, {watching(), frame});
  other->say(watch("2", "seq"));
  other->drain_all();
  deliver(*other, 2, {watching(), frame});
  EXPECT_EQ(one->sent.at(1), other->sent.at(1));
  EXPECT_EQ(other->sent.back()["payload"]["data"]["onConversationUpdated"], json::parse(R"({"seq":1})"));
}

}  // namespace
}  // namespace danwa::adapters::graphql
