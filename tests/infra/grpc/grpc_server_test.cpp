#include "infra/grpc/grpc_server.hpp"

#include <future>
#include <thread>

#include "infra/grpc/raw_http2.hpp"
#include "infra/grpc/server_fixture.hpp"

namespace danwa::grpc {
namespace {

using tests::wait_for;

TEST_F(GrpcServerTest, WhatOneSendsAllGet) {
  ChatClient ann{*stub, as("ann")};
  ChatClient bob{*stub, as("bob")};
  EXPECT_EQ(ann.next_kind(), "watching");
  EXPECT_EQ(bob.next_kind(), "watching");
  ASSERT_TRUE(ann.send("hello"));
  for (auto* client : {&ann, &bob}) {
    const auto got = client->next();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->message(), "hello");
    EXPECT_EQ(got->seq(), 1U);
    EXPECT_EQ(got->author(), "ann");
  }
}

TEST_F(GrpcServerTest, EndingTheClientsHalfKeepsItWatching) {
  ChatClient listener{*stub, as("ann")};
  EXPECT_EQ(listener.next_kind(), "watching");
  ASSERT_TRUE(listener.half_close());
  ChatClient bob{*stub, as("bob")};
  ASSERT_TRUE(bob.send("hello"));
  EXPECT_EQ(listener.next()->message(), "hello");
}

TEST_F(GrpcServerTest, SendCommentIsSavedOnceAndSaysSo) {
  chat::v1::SendCommentRequest request;
  request.set_message("hello");
  request.set_idempotency_key("once");
  for (const bool replayed : {false, true}) {
    ::grpc::ClientContext context;
    prepare(context, as("ann"));
    chat::v1::SendCommentResponse response;
    ASSERT_TRUE(stub->SendComment(&context, request, &response).ok());
    EXPECT_EQ(response.seq(), 1U);
    EXPECT_EQ(response.conversation_key(), "room");
    EXPECT_EQ(response.author(), "ann");
    EXPECT_EQ(response.replayed(), replayed);
  }
  EXPECT_EQ(world.head("room"), 1U);
}

TEST_F(GrpcServerTest, WatchUpdatesAndReadUpdatesGoOnAtACursor) {
  ChatClient ann{*stub, as("ann")};
  EXPECT_EQ(ann.next_kind(), "watching");
  for (const auto* text : {"one", "two", "three"}) ASSERT_TRUE(ann.send(text));
  ASSERT_TRUE(wait_for([&] { return world.head("room") == 3; }));

  ::grpc::ClientContext page_context;
  prepare(page_context, as("bob"));
  chat::v1::ReadUpdatesRequest page;
  page.set_limit(1);
  chat::v1::ReadUpdatesResponse read;
  ASSERT_TRUE(stub->ReadUpdates(&page_context, page, &read).ok());
  ASSERT_EQ(read.updates_size(), 1);
  EXPECT_EQ(read.updates(0).message(), "one");
  EXPECT_EQ(read.head_seq(), 3U);
  EXPECT_EQ(read.next(), world.memory.epoch + ":1");

  ::grpc::ClientContext watch_context;
  prepare(watch_context, as("bob"));
  chat::v1::WatchUpdatesRequest wanted;
  wanted.set_after(read.next());
  auto watch = stub->WatchUpdates(&watch_context, wanted);
  ChatResponse got;
  ASSERT_TRUE(watch->Read(&got));
  EXPECT_EQ(got.kind(), "watching");
  for (const auto* text : {"two", "three"}) {
    ASSERT_TRUE(watch->Read(&got));
    EXPECT_EQ(got.message(), text);
  }
  watch_context.TryCancel();
  EXPECT_EQ(watch->Finish().error_code(), ::grpc::StatusCode::CANCELLED);
  ann.end();
  EXPECT_TRUE(wait_for([&] { return world.feed.count() == 0; }));
}

TEST_F(GrpcServerTest, AFailureNamesEveryFieldForPeopleAndPrograms) {
  ::grpc::ClientContext context;
  prepare(context, as("ann"));
  chat::v1::SendCommentRequest request;
  request.set_client_ref(std::string(65, 'r'));
  chat::v1::SendCommentResponse response;
  const auto status = stub->SendComment(&context, request, &response);
  EXPECT_EQ(status.error_code(), ::grpc::StatusCode::INVALID_ARGUMENT);
  for (const auto* code : {"content-empty", "clientRef-too-long"}) {
    EXPECT_NE(status.error_message().find(code), std::string::npos);
    EXPECT_NE(status.error_details().find(code), std::string::npos);
  }
  EXPECT_NE(status.error_details().find("google.rpc.BadRequest"), std::string::npos);
}

TEST_F(GrpcServerTest, ABadTokenIsUnauthenticatedAndNoneMayWatch) {
  ChatClient wrong{*stub, as("wrong")};
  EXPECT_EQ(wrong.wait_end().error_code(), ::grpc::StatusCode::UNAUTHENTICATED);
  ChatClient nobody{*stub, {}};
  EXPECT_EQ(nobody.next()->conversation_key(), "lobby");
  ASSERT_TRUE(nobody.send("hello"));
  EXPECT_EQ(nobody.next()->errors(0).code(), "token-required");
}

TEST_F(GrpcServerTest, ATooLongMessageEndsTheStreamAndHarmsNobody) {
  ChatClient big{*stub, as("ann")};
  ChatClient bob{*stub, as("bob")};
  EXPECT_EQ(bob.next_kind(), "watching");
  EXPECT_EQ(big.next_kind(), "watching");
  big.send(std::string(65 * 1024, 'x'));
  EXPECT_EQ(big.wait_end().error_code(), ::grpc::StatusCode::RESOURCE_EXHAUSTED);
  ASSERT_TRUE(bob.send("hello"));
  EXPECT_EQ(bob.next()->message(), "hello");
}

TEST_F(GrpcServerTest, ADrainEndsStreamsWithAHintAndTheServerStops) {
  ChatClient ann{*stub, as("ann")};
  EXPECT_EQ(ann.next_kind(), "watching");
  server.start_draining(std::chrono::milliseconds{200});
  EXPECT_EQ(ann.wait_end().error_code(), ::grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ann.trailer("grpc-retry-pushback-ms"), "1000");
  ChatClient late{*stub, as("bob")};
  EXPECT_EQ(late.wait_end().error_code(), ::grpc::StatusCode::UNAVAILABLE);
  server.stop();
  EXPECT_EQ(world.figures.streams.value(), 0);
  EXPECT_EQ(world.feed.count(), 0U);
}

TEST_F(GrpcServerTest, AClientThatDoesNotReadHoldsUpNobodyNotEvenTheEnd) {
  ChatClient stuck{*stub, as("stuck")};
  const auto other = stub_on(connect());
  ChatClient ann{*other, as("ann")};
  EXPECT_EQ(ann.next_kind(), "watching");
  for (std::uint64_t seq = 1; seq <= 300; ++seq) {
    ASSERT_TRUE(ann.send(std::string(3000, 'x')));
    ASSERT_EQ(ann.next()->seq(), seq);
  }
  EXPECT_EQ(stuck.next_kind(), "watching");
  for (std::uint64_t seq = 1; seq <= 150; ++seq) ASSERT_EQ(stuck.next()->seq(), seq);
  const auto begin = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{8});
}

TEST_F(GrpcServerTest, AStormOfStreamsTakesNothingFromThoseWhoChat) {
  constexpr std::uint64_t kMessages = 60;
  constexpr std::size_t kTalkers = 4;
  std::vector<std::unique_ptr<ChatClient>> talkers;
  for (std::size_t i = 0; i < kTalkers; ++i) {
    talkers.push_back(std::make_unique<ChatClient>(*stub, as("talker")));
    EXPECT_EQ(talkers.back()->next_kind(), "watching");
  }
  std::atomic<bool> over{false};
  std::atomic<int> opened{0};
  std::vector<std::thread> storm;
  for (int thread = 0; thread < 4; ++thread) {
    storm.emplace_back([this, thread, &over, &opened] {
      const auto own = stub_on(connect());
      for (int i = 0; !over; ++i, ++opened) {
        ChatClient one{*own, as("storm")};
        if ((i + thread) % 3 == 0) one.next();
        if ((i + thread) % 4 == 0) one.half_close();
      }
    });
  }
  std::vector<std::thread> chat;
  std::atomic<std::size_t> complete{0};
  for (auto& talker : talkers) {
    chat.emplace_back([&talker, &complete] {
      std::uint64_t seen = 0;
      for (std::uint64_t i = 0; i < kMessages; ++i) talker->send("hello");
      for (auto got = talker->next(); got && got->seq() == seen + 1; got = talker->next()) {
        if (++seen == kMessages * kTalkers) break;
      }
      if (seen == kMessages * kTalkers) ++complete;
    });
  }
  for (auto& thread : chat) thread.join();
  over = true;
  for (auto& thread : storm) thread.join();
  EXPECT_EQ(complete, kTalkers);
  EXPECT_GT(opened, 20);
  talkers.clear();
  EXPECT_TRUE(wait_for([&] { return world.feed.count() == 0 && world.figures.streams.value() == 0; }));
}

/// Runs a server on `io_threads` for a moment, with a stream, a call that has ended, and connections without a call.
/// All of it is destroyed, and so is what the server refers to.
void run_briefly(net::IoThreads& io_threads) {
  tests::ChatWorld world;
  GrpcServer server{{}, io_threads, world.endpoint, world.logger};
  const RawHttp2 silent{server.bound_address()};
  RawHttp2 idle{server.bound_address()};
  EXPECT_TRUE(idle.send(RawHttp2::start()));
  const auto stub = chat::v1::ChatRoom::NewStub(connect_to(server));
  ChatClient ann{*stub, as("ann")};
  EXPECT_EQ(ann.next_kind(), "watching");
  ASSERT_TRUE(ann.send("hello"));
  ASSERT_TRUE(wait_for([&] { return world.head("room") == 1; }));
  ::grpc::ClientContext context;
  prepare(context, as("bob"));
  chat::v1::ReadUpdatesResponse read;
  EXPECT_TRUE(stub->ReadUpdates(&context, chat::v1::ReadUpdatesRequest{}, &read).ok());
  server.stop();
  EXPECT_EQ(world.figures.streams.value(), 0);
  EXPECT_EQ(world.feed.count(), 0U);
}

TEST_F(GrpcServerTest, AServerEndsWhileOthersGoOnUsingItsIoThreads) {
  ChatClient ann{*stub, as("ann")};
  EXPECT_EQ(ann.next_kind(), "watching");
  for (int i = 0; i < 2; ++i) {
    run_briefly(io_threads);
    ASSERT_TRUE(ann.send("still here"));
    ASSERT_EQ(ann.next()->message(), "still here");
  }
}

TEST_F(GrpcServerTest, WhatIsLeftOnAnIoThreadThatHangsOutlivesTheServer) {
  std::promise<void> go_on;
  std::promise<void> hangs;
  const auto release = go_on.get_future().share();
  auto brief = std::make_unique<GrpcServer>(GrpcOptions{}, io_threads, world.endpoint, world.logger);
  std::vector<std::unique_ptr<ChatClient>> clients;  // streams and connections on both threads
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<ChatClient>(*stub_on(connect_to(*brief)), as("ann")));
    EXPECT_EQ(clients.back()->next_kind(), "watching");
  }
  io_threads.at(0).post([&] {  // the thread of the listener
    hangs.set_value();
    release.wait();
  });
  hangs.get_future().wait();
  const auto begin = std::chrono::steady_clock::now();
  brief->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{8});
  brief.reset();
  EXPECT_GT(world.figures.streams.value(), 0) << "nothing was left, so nothing was tested";
  go_on.set_value();
  EXPECT_TRUE(wait_for([&] { return world.figures.streams.value() == 0 && world.feed.count() == 0; }));
  clients.clear();
}

TEST(GrpcServerEnd, ItsIoThreadsMayEndBetweenItsStopAndItsDestruction) {
  tests::ChatWorld world;
  net::IoThreads io_threads{2};
  GrpcServer server{{}, io_threads, world.endpoint, world.logger};
  const auto stub = chat::v1::ChatRoom::NewStub(connect_to(server));
  ChatClient ann{*stub, as("ann")};
  EXPECT_EQ(ann.next_kind(), "watching");
  server.stop();
  io_threads.end();
  EXPECT_EQ(ann.wait_end().error_code(), ::grpc::StatusCode::UNAVAILABLE);
}

TEST(GrpcServerStart, APortThatIsTakenIsOneClearLine) {
  tests::ChatWorld world;
  net::IoThreads io_threads{1};
  GrpcServer first{{}, io_threads, world.endpoint, world.logger};
  GrpcOptions same;
  same.listen = first.bound_address();
  try {
    GrpcServer second{same, io_threads, world.endpoint, world.logger};
    FAIL() << "the port was taken twice";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string{error.what()},
              "grpc.listen \"" + same.listen + "\" cannot be bound: " + same.listen + ": Address already in use");
  }
}

}  // namespace
}  // namespace danwa::grpc
