#include <thread>

#include "adapters/rest/routes_fixture.hpp"
#include "support/frames.hpp"

namespace danwa::adapters {
namespace {

using std::chrono::milliseconds;

class LeaseRoutes : public RoutesTest {
 protected:
  /// As a session does: the head first.
  Response serve(Request request) {
    if (auto refused = router.refuse_early(request, std::nullopt)) return *refused;
    return respond(std::move(request));
  }
  static Request comment() {
    auto made = request("POST", "/v1/comments", R"({"content":"hi","conversationKey":"lobby"})");
    made.headers.emplace_back("content-type", "application/json");
    return made;
  }
  void let_end(milliseconds after) { tokens.end = tokens.time.at + after; }
  void pass(milliseconds time) { tokens.time.at += time; }

  /// A long poll during which `meanwhile` happens, on another thread as a feed or a clock has it.
  Response poll(const std::string& target, std::function<void()> meanwhile) {
    std::thread other;
    feed.on_ready = [&] { other = std::thread{meanwhile}; };
    auto answer = serve(request("GET", target));
    if (other.joinable()) other.join();
    return answer;
  }
};

TEST_F(LeaseRoutes, ATokenIsVerifiedOnceForEachRequest) {
  EXPECT_EQ(serve(comment()).status, 201);
  EXPECT_EQ(tokens.verified, 1);
  for (const char* target : {"/v1/conversations", "/v1/conversations/lobby/comments", "/v1/conversations/lobby/updates",
                             "/v1/notifications/updates", "/v1/cluster", "/graphql?query={me{userId}}"}) {
    tokens.verified = 0;
    EXPECT_EQ(serve(request("GET", target)).status, 200) << target;
    EXPECT_EQ(tokens.verified, 1) << target;
  }
}

TEST_F(LeaseRoutes, AWriteWhoseBodyComesTooLateIsRefused) {
  let_end(milliseconds{1'000});
  auto write = comment();
  ASSERT_FALSE(router.refuse_early(write, std::nullopt));
  pass(milliseconds{1'000});
  EXPECT_EQ(problem(respond(std::move(write))), "401 token-expired");
  EXPECT_TRUE(memory.channels.empty());
}

TEST_F(LeaseRoutes, AReadWhoseTokenEndsMeanwhileIsHeldBack) {
  say("secret");
  let_end(milliseconds{1'000});
  for (const char* target :
       {"/v1/conversations/lobby/comments", "/v1/conversations/lobby/updates", "/v1/conversations"}) {
    auto asked = request("GET", target);
    ASSERT_FALSE(router.refuse_early(asked, std::nullopt));
    pass(milliseconds{1'000});
    const auto answer = respond(std::move(asked));
    EXPECT_EQ(problem(answer), "401 token-expired") << target;
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    let_end(milliseconds{1'000});
  }
}

TEST_F(LeaseRoutes, ALongPollEndsWithItsToken) {
  say("hello");
  for (const char* target : {"/v1/conversations/lobby/updates?after=1&wait=20", "/v1/notifications/updates?wait=20"}) {
    let_end(milliseconds{1'000});
    const auto answer = poll(target, [&] {
      pass(milliseconds{1'000});
      tokens.leases->advance();
    });
    EXPECT_EQ(problem(answer), "401 token-expired") << target;
    EXPECT_EQ(header(answer, "WWW-Authenticate"), "Bearer realm=\"danwa\"");
  }
}

TEST_F(LeaseRoutes, ALongPollThatIsWokenBehindItsEndShowsNothing) {
  say("hello");
  say("secret");
  memory.replica_at = 1;
  let_end(milliseconds{1'000});
  const auto updates = memory.channels.begin()->second.updates[1];
  const auto answer = poll("/v1/conversations/lobby/updates?after=1&wait=20", [&] {
    pass(milliseconds{1'000});  // and the clock has not told it yet
    feed.watcher.lock()->deliver({tests::encode_update(updates)});
  });
  EXPECT_EQ(problem(answer), "401 token-expired");
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
}

TEST_F(LeaseRoutes, ALiveStreamTakesTheLeaseAlong) {
  let_end(milliseconds{1'000});
  auto live = request("GET", "/v1/conversations/lobby/updates");
  live.headers.emplace_back("accept", "text/event-stream");
  const auto reply = answer(std::move(live));
  const auto* stream = std::get_if<OpenStream>(&reply);
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(stream->lease->who().expires_at, tokens.end);
  EXPECT_EQ(tokens.verified, 1);
}

}  // namespace
}  // namespace danwa::adapters
