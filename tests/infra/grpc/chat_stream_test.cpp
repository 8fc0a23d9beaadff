#include "infra/grpc/chat_stream.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "infra/grpc/chat_world.hpp"
#include "infra/grpc/fake_wire.hpp"
#include "support/frames.hpp"
#include "support/wait_for.hpp"

namespace danwa::grpc {
namespace {

using adapters::rpc::CallMetadata;
using adapters::rpc::ChatRequest;
using adapters::rpc::StatusCode;
using adapters::rpc::WatchRequest;
using tests::wait_for;

/// One client on a call without gRPC.
struct Client {
  Client(const std::shared_ptr<StreamContext>& context, net::IoThreads& io_threads, const std::string& user,
         WatchRequest request = {}, bool plain = false)
      : stream{std::make_shared<ChatStream>(context, io_threads.next(), plain)}, wire{stream} {
    CallMetadata metadata{user.empty() ? std::vector<std::pair<std::string, std::string>>{}
                                       : std::vector<std::pair<std::string, std::string>>{
                                             {"authorization", "Bearer " + user}, {"conversation-key", "room"}}};
    stream->start(wire, metadata, std::move(request), true);
  }
  ~Client() {
    if (!closed) close();
  }

  /// Leaves, as a client that resets its stream does.
  void close() {
    closed = true;
    wire.drop();
    EXPECT_TRUE(wire.wait_end());
    stream->on_done();
    EXPECT_EQ(wire.broken(), "");
  }

  std::string take_kind() {
    const auto next = wire.take();
    return next ? next->kind() : "nothing";
  }

  std::shared_ptr<ChatStream> stream;
  FakeWire wire;
  bool closed = false;
};

class ChatStreamTest : public testing::Test {
 protected:
  ~ChatStreamTest() override {
    EXPECT_TRUE(wait_for([this] { return context->users == 0 && small->users == 0; }));
    EXPECT_EQ(world.feed.count(), 0U);
    EXPECT_EQ(world.figures.streams.value(), 0);
  }

  std::shared_ptr<StreamContext> context_of(std::size_t most, ChatLimits limits = {}) {
    return std::make_shared<StreamContext>(world.endpoint, world.logger, most, limits);
  }

  tests::ChatWorld world;
  const std::shared_ptr<StreamContext> context = context_of(100, {.expiry_warning = std::chrono::milliseconds{100},
                                                                  .close_timeout = std::chrono::milliseconds{100},
                                                                  .revoked_within = std::chrono::milliseconds{50}});
  const std::shared_ptr<StreamContext> small = context_of(1);
  net::IoThreads io_threads{2};
};

TEST_F(ChatStreamTest, WhatOneSendsBothGetInOrder) {
  Client ann{context, io_threads, "ann"};
  Client bob{context, io_threads, "bob"};
  EXPECT_EQ(ann.take_kind(), "watching");
  EXPECT_EQ(bob.take_kind(), "watching");
  ASSERT_TRUE(ann.wire.ask(ChatRequest{"hello", "", "", "mine", ""}));
  ASSERT_TRUE(ann.wire.ask(ChatRequest{"again", "", "", "", ""}));
  for (auto* client : {&ann, &bob}) {
    const auto first = client->wire.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->message(), "hello");
    EXPECT_EQ(first->author(), "ann");
    EXPECT_EQ(first->conversation_key(), "room");
    EXPECT_EQ(first->client_ref(), "mine");
    EXPECT_EQ(first->seq(), 1U);
    EXPECT_EQ(first->cursor(), world.memory.epoch + ":1");
    EXPECT_EQ(client->wire.take()->seq(), 2U);
  }
}

TEST_F(ChatStreamTest, AStreamStaysOnOneIoThread) {
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<Client>(context, io_threads, "ann"));
    EXPECT_EQ(clients.back()->take_kind(), "watching");
  }
  ASSERT_TRUE(clients.front()->wire.ask(ChatRequest{"hello", "", "", "", ""}));  // delivered from the thread of ann
  for (std::size_t i = 0; i < clients.size(); ++i) {
    ASSERT_TRUE(wait_for([&] { return clients[i]->wire.has_written(); }));
    const auto* const own = &io_threads.at(i % 2);
    EXPECT_EQ(world.feed.watched_from(i), own) << "the subscriber of this watch is pinned to the caller's thread";
    EXPECT_EQ(clients[i]->wire.written_from(), own);
    EXPECT_EQ(clients[i]->wire.take()->message(), "hello");
  }
}

TEST_F(ChatStreamTest, ASilentStreamBeatsForThoseWhoAskAlone) {
  WatchRequest request;
  request.heartbeat = "1";
  Client asks{context, io_threads, "ann", request};
  Client silent{context, io_threads, "bob"};
  EXPECT_EQ(asks.take_kind(), "watching");
  EXPECT_EQ(silent.take_kind(), "watching");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(asks.take_kind(), "heartbeat");
  EXPECT_GT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{800});
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  ASSERT_TRUE(asks.wire.ask(ChatRequest{"hello", "", "", "", ""}));
  EXPECT_EQ(asks.take_kind(), "comment-added");
  const auto said = std::chrono::steady_clock::now();
  EXPECT_EQ(asks.take_kind(), "heartbeat");
  EXPECT_GT(std::chrono::steady_clock::now() - said, std::chrono::milliseconds{800}) << "a comment counts as a beat";
  EXPECT_EQ(silent.take_kind(), "comment-added");
  EXPECT_FALSE(silent.wire.has_written());
}

TEST_F(ChatStreamTest, AClientThatTakesNothingGetsOneHeartbeat) {
  WatchRequest request;
  request.heartbeat = "1";
  Client stuck{context, io_threads, "ann", request};
  EXPECT_EQ(stuck.take_kind(), "watching");
  ASSERT_TRUE(wait_for([&] { return stuck.wire.has_written(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds{1'300});
  EXPECT_EQ(stuck.take_kind(), "heartbeat");
  EXPECT_FALSE(stuck.wire.has_written());
}

TEST_F(ChatStreamTest, ARefusedMessageIsToldAndTheStreamGoesOn) {
  Client ann{context, io_threads, "ann"};
  EXPECT_EQ(ann.take_kind(), "watching");
  ASSERT_TRUE(ann.wire.ask(ChatRequest{"", "", "", "mine", ""}));
  const auto refusal = ann.wire.take();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->kind(), "error");
  EXPECT_EQ(refusal->client_ref(), "mine");
  ASSERT_EQ(refusal->errors_size(), 1);
  EXPECT_EQ(refusal->errors(0).code(), "content-empty");
  ASSERT_TRUE(ann.wire.ask(std::nullopt));
  EXPECT_EQ(ann.wire.take()->errors(0).code(), "request-unreadable");
  ASSERT_TRUE(ann.wire.ask(ChatRequest{"fine", "", "", "", ""}));
  EXPECT_EQ(ann.wire.take()->message(), "fine");
}

TEST_F(ChatStreamTest, TheNextRequestWaitsUntilTheRefusalIsTaken) {
  Client ann{context, io_threads, "ann"};
  EXPECT_EQ(ann.take_kind(), "watching");
  ASSERT_TRUE(ann.wire.ask(ChatRequest{}));
  ASSERT_TRUE(wait_for([&] { return ann.wire.has_written(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  EXPECT_FALSE(ann.wire.is_reading());
  EXPECT_EQ(ann.take_kind(), "error");
  EXPECT_TRUE(wait_for([&] { return ann.wire.is_reading(); }));
}

TEST_F(ChatStreamTest, AClientThatKnowsTheMessageAloneGetsNothingElse) {
  Client plain{context, io_threads, "ann", {}, true};
  ASSERT_TRUE(wait_for([&] { return plain.wire.accepted(); }));
  EXPECT_FALSE(plain.wire.has_written());
  ASSERT_TRUE(plain.wire.ask(ChatRequest{"hello", "", "", "", ""}));
  EXPECT_EQ(plain.wire.take()->message(), "hello");
}

TEST_F(ChatStreamTest, ARequestMovesTheStreamToAnotherConversationOrPlace) {
  Client ann{context, io_threads, "ann"};
  EXPECT_EQ(ann.take_kind(), "watching");
  ASSERT_TRUE(ann.wire.ask(ChatRequest{"here", "other", "", "", ""}));
  const auto watching = ann.wire.take();
  EXPECT_EQ(watching->kind(), "watching");
  EXPECT_EQ(watching->conversation_key(), "other");
  EXPECT_EQ(ann.wire.take()->conversation_key(), "other");
  ASSERT_TRUE(ann.wire.ask(ChatRequest{"", "", "0", "", ""}));
  EXPECT_EQ(ann.take_kind(), "watching");
  EXPECT_EQ(ann.wire.take()->message(), "here");
  ASSERT_TRUE(ann.wire.ask(ChatRequest{"lost", "bad\nkey", "", "", ""}));
  EXPECT_EQ(ann.take_kind(), "error");
  ASSERT_TRUE(ann.wire.ask(ChatRequest{"still here", "", "", "", ""}));
  EXPECT_EQ(ann.wire.take()->conversation_key(), "other");
  EXPECT_EQ(world.feed.count(), 1U);
}

TEST_F(ChatStreamTest, OneBatchOfSixteenWaitsForASlowReaderAndNothingIsLost) {
  Client slow{context, io_threads, "slow"};
  EXPECT_EQ(slow.take_kind(), "watching");
  Client ann{context, io_threads, "ann"};
  EXPECT_EQ(ann.take_kind(), "watching");
  for (int i = 1; i <= 50; ++i) {
    ASSERT_TRUE(ann.wire.ask(ChatRequest{"text", "", "", "", ""}));
    EXPECT_EQ(ann.wire.take()->seq(), static_cast<std::uint64_t>(i));
  }
  ASSERT_TRUE(wait_for([&] { return slow.wire.has_written(); }));
  for (std::uint64_t seq = 1; seq <= 50; ++seq) EXPECT_EQ(slow.wire.take()->seq(), seq);
}

TEST_F(ChatStreamTest, WhoMayNotWatchIsToldWhy) {
  Client wrong{context, io_threads, "wrong"};
  EXPECT_EQ(wrong.wire.wait_end()->status, StatusCode::unauthenticated);
  Client lost{context, io_threads, "ann", {"room", "x", "all"}};
  const auto end = lost.wire.wait_end();
  EXPECT_EQ(end->status, StatusCode::invalid_argument);
  EXPECT_EQ(end->errors.all().size(), 2U);
}

TEST_F(ChatStreamTest, TheAnonymousWatchAndDoNotSend) {
  Client nobody{context, io_threads, ""};
  EXPECT_EQ(nobody.take_kind(), "watching");
  ASSERT_TRUE(nobody.wire.ask(ChatRequest{"hello", "", "", "", ""}));
  EXPECT_EQ(nobody.wire.take()->errors(0).code(), "token-required");
}

TEST_F(ChatStreamTest, ATokenIsAnnouncedAndThenEndsTheStream) {
  Client brief{context, io_threads, "short"};
  EXPECT_EQ(brief.take_kind(), "watching");
  EXPECT_EQ(brief.take_kind(), "token-expiring");
  EXPECT_EQ(brief.wire.wait_end()->status, StatusCode::unauthenticated);
}

TEST_F(ChatStreamTest, ATokenThatIsRevokedEndsTheStream) {
  Client ann{context, io_threads, "ann"};
  EXPECT_EQ(ann.take_kind(), "watching");
  world.tokens.leases.revoke();
  EXPECT_EQ(ann.wire.wait_end()->status, StatusCode::unauthenticated);
}

TEST_F(ChatStreamTest, ADrainEndsStreamsWithAHintAndRefusesNewOnes) {
  Client ann{context, io_threads, "ann"};
  EXPECT_EQ(ann.take_kind(), "watching");
  context->streams.drain(std::chrono::milliseconds{0});
  const auto end = ann.wire.wait_end();
  EXPECT_EQ(end->status, StatusCode::unavailable);
  EXPECT_EQ(end->retry_after, adapters::rpc::kRetryLater);
  Client late{context, io_threads, "bob"};
  EXPECT_EQ(late.wire.wait_end()->status, StatusCode::unavailable);
}

TEST_F(ChatStreamTest, AClientThatTakesNothingIsCutOffAtTheEnd) {
  Client stuck{context, io_threads, "ann"};
  ASSERT_TRUE(wait_for([&] { return stuck.wire.has_written(); }));
  world.feed.end(delivery::WatchCloseReason::forbidden);
  EXPECT_TRUE(stuck.wire.wait_cancelled());
}

TEST_F(ChatStreamTest, AboveItsBoundStreamsAreRefused) {
  {
    Client first{small, io_threads, "ann"};
    EXPECT_EQ(first.take_kind(), "watching");
    Client second{small, io_threads, "bob"};
    EXPECT_EQ(second.wire.wait_end()->status, StatusCode::resource_exhausted);
  }
  Client third{small, io_threads, "cid"};
  EXPECT_EQ(third.take_kind(), "watching");
}

TEST_F(ChatStreamTest, AStormOfStreamsTakesNothingFromThoseWhoStay) {
  constexpr int kRounds = 150;
  std::vector<std::thread> storm;
  for (int thread = 0; thread < 3; ++thread) {
    storm.emplace_back([this, thread] {
      for (int i = 0; i < kRounds; ++i) {
        Client one{context, io_threads, "storm", {"room", i % 2 == 0 ? "0" : "", ""}};
        if (i % 3 == 0) one.wire.take();
        if (i % 5 == thread) one.wire.ask(ChatRequest{"from the storm", "", "", "", ""});
      }
    });
  }
  Client ann{context, io_threads, "ann"};
  EXPECT_EQ(ann.take_kind(), "watching");
  const auto first = ann.wire.take();
  ASSERT_TRUE(first);
  std::uint64_t next = first->seq() + 1;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(ann.wire.ask(ChatRequest{"mine", "", "", "", ""}));
    for (bool own = false; !own; ++next) {
      const auto got = ann.wire.take();
      ASSERT_TRUE(got);
      ASSERT_EQ(got->seq(), next);
      own = got->author() == "ann";
    }
  }
  for (auto& thread : storm) thread.join();
}

TEST(ChatCodecTest, AnUpdateIsMadeOnceForAllStreamsOfOneEpoch) {
  const auto frame = tests::encode_update(
      {tests::ChatWorld::channel("room"), 7, domain::Timestamp{},
       domain::CommentAdded{
           domain::CommentId{}, domain::UserId::trusted("ann"), domain::CommentContent::trusted("hello"), {}}});
  ChatCodec codec;
  domain::Cursor one{"e1", 6};
  domain::Cursor two{"e1", 6};
  domain::Cursor other{"e2", 6};
  const auto message = codec.encode(frame, one);
  EXPECT_EQ(codec.encode(frame, two), message);
  EXPECT_EQ(two.seq, 7U);
  EXPECT_NE(codec.encode(frame, other), message);
  EXPECT_EQ(decode_response(*message).cursor(), "e1:7");
}

}  // namespace
}  // namespace danwa::grpc
