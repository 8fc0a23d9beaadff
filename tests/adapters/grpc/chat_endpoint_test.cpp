#include "adapters/grpc/chat_endpoint.hpp"

#include <gtest/gtest.h>

#include "adapters/rest/routes_fixture.hpp"
#include "support/run_async.hpp"

namespace danwa::adapters::rpc {
namespace {

using usecase::run;

/// Tokens are `company/user`, as FakeTokens has it.
class ChatEndpointTest : public RoutesTest {
 protected:
  ChatEndpoint endpoint(std::string guest = "") {
    return ChatEndpoint{{use_cases, tokens, feed, metrics, figures, std::move(guest)}};
  }
  static domain::Credential ann() { return FakeTokens::credential("acme", "ann"); }
  static std::string codes(const domain::Errors& errors) {
    std::string out;
    for (const auto& error : errors.all()) out += (out.empty() ? "" : " ") + error.code;
    return out;
  }

  GrpcFigures figures;
};

TEST_F(ChatEndpointTest, KnowsWhoCalls) {
  EXPECT_EQ((endpoint().lease(CallMetadata{{{"authorization", "Bearer acme/ann"}}}).value()->who().user.value()),
            "ann");
  EXPECT_FALSE((endpoint().lease(CallMetadata{{{"authorization", "Bearer nobody"}}})));
  EXPECT_TRUE(endpoint().lease(CallMetadata{{}}).value()->who().anonymous);
}

TEST_F(ChatEndpointTest, AGuestStandsForCallersWithoutToken) {
  const auto lease = endpoint("acme/guest").lease(CallMetadata{{}});
  ASSERT_TRUE(lease);
  EXPECT_EQ((*lease)->who().user.value(), "guest");
  EXPECT_FALSE((*lease)->who().anonymous);
  EXPECT_FALSE((endpoint("acme/guest").lease(CallMetadata{{{"authorization", "Bearer nobody"}}})));
}

TEST_F(ChatEndpointTest, SavesACommentOncePerIdempotencyKey) {
  const auto first = run(endpoint().send({"hello", "room", "ref", "once"}, ann()));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->comment.content.value(), "hello");
  EXPECT_EQ(first->comment.client_ref, "ref");
  EXPECT_FALSE(first->replayed);
  const auto again = run(endpoint().send({"hello", "room", "ref", "once"}, ann()));
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->comment.id, first->comment.id);
  EXPECT_EQ(metrics.comments_sent.value(), 1U);
}

TEST_F(ChatEndpointTest, TellsAllThatIsWrongWithAComment) {
  const auto sent = run(endpoint().send({"", std::string(300, 'k'), std::string(65, 'r'), "two words"}, ann()));
  ASSERT_FALSE(sent);
  EXPECT_EQ(codes(sent.error()), "content-empty conversationKey-too-long clientRef-too-long idempotency-key-invalid");
}

TEST_F(ChatEndpointTest, TheAnonymousWatchAndDoNotSend) {
  auto nobody = ann();
  nobody.anonymous = true;
  EXPECT_TRUE(run(endpoint().watch({"room", "", ""}, nobody)));
  EXPECT_EQ(codes(run(endpoint().send({"hello", "room", "", ""}, nobody)).error()), "token-required");
}

TEST_F(ChatEndpointTest, ReadsWhereAndHowToWatch) {
  const auto asked = run(endpoint().watch({"room", "e1:7", "latest"}, ann()));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->channel().key, "room");
  EXPECT_EQ(asked->channels.front().after, (domain::Cursor{"e1", 7}));
  EXPECT_EQ(asked->delivery, usecase::Delivery::latest);
  const auto now = run(endpoint().watch({"room", "", ""}, ann()));
  EXPECT_EQ(now->channels.front().after, std::nullopt);
  EXPECT_EQ(now->delivery, usecase::Delivery::complete);
  EXPECT_EQ(codes(run(endpoint().watch({"room", "x", "all", "often"}, ann())).error()),
            "after-invalid delivery-invalid heartbeat-invalid");
}

TEST_F(ChatEndpointTest, AHeartbeatIsAnHourAtMost) {
  const auto beat = [](const std::string& text) { return ChatEndpoint::heartbeat({"room", "", "", text}); };
  EXPECT_EQ(beat("").value(), std::nullopt);
  EXPECT_EQ(beat("1").value(), std::chrono::seconds{1});
  EXPECT_EQ(beat("3600").value(), std::chrono::seconds{3'600});
  for (const auto* wrong : {"0", "3601", "-1", "1.5", "20s", " 20", "99999999999999999999"}) {
    ASSERT_FALSE(beat(wrong)) << wrong;
    EXPECT_EQ(beat(wrong).error().first().code, "heartbeat-invalid");
  }
}

TEST_F(ChatEndpointTest, ReadsAPageOfTheLog) {
  for (const auto* text : {"one", "two", "three"}) ASSERT_TRUE(run(endpoint().send({text, "room", "", ""}, ann())));
  const auto page = run(endpoint().read({"room", "1", 1}, ann(), nullptr));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->after, 1U);
  ASSERT_EQ(page->output.page.updates.size(), 1U);
  EXPECT_EQ(page->output.page.updates[0].seq, 2U);
  EXPECT_EQ(run(endpoint().read({"room", "", 0}, ann(), nullptr))->output.page.updates.size(), 3U);
  EXPECT_EQ(codes(run(endpoint().read({"room", "-1", 0}, ann(), nullptr)).error()), "after-invalid");
  EXPECT_EQ(codes(run(endpoint().read({"room", "", 1001}, ann(), nullptr)).error()), "limit-out-of-range");
}

}  // namespace
}  // namespace danwa::adapters::rpc
