#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "infra/grpc/raw_http2.hpp"
#include "infra/grpc/server_fixture.hpp"

// The guard in front of a real gRPC server, with real clients and with bytes by hand.

namespace danwa::grpc {
namespace {

using namespace std::chrono_literals;
using adapters::http2::ErrorCode;
using adapters::http2::FrameType;
using tests::http2_frame;
using tests::wait_for;
using Clock = std::chrono::steady_clock;

class ConnectionGuardTest : public testing::Test {
 protected:
  static GrpcOptions options() {
    GrpcOptions options;
    options.least_ping = 10ms;
    options.connections.preface = 300ms;
    options.connections.without_call = 500ms;
    options.connections.goodbye = 200ms;
    options.connections.penalty = 200ms;
    options.connections.frames.header_time = 300ms;
    return options;
  }
  std::unique_ptr<chat::v1::ChatRoom::Stub> connect() { return chat::v1::ChatRoom::NewStub(connect_to(server)); }

  tests::ChatWorld world;
  net::IoThreads io_threads{2};
  GrpcServer server{options(), io_threads, world.endpoint, world.logger};
};

TEST_F(ConnectionGuardTest, AConnectionWithoutACallEndsPolitelyEvenIfItPings) {
  RawHttp2 client{server.bound_address()};
  ASSERT_TRUE(client.send(RawHttp2::start()));
  const auto begin = Clock::now();
  std::thread pings{[&client] {
    for (int i = 0; i < 20 && client.send(http2_frame(FrameType::ping, 0, 0, "12345678")); ++i) {
      std::this_thread::sleep_for(50ms);
    }
  }};
  const auto codes = RawHttp2::goodbyes(client.read_to_end());
  pings.join();
  EXPECT_GE(Clock::now() - begin, 700ms);
  EXPECT_EQ(codes, (std::vector{ErrorCode::no_error, ErrorCode::no_error}));
}

TEST_F(ConnectionGuardTest, AnOpenCallKeepsItsConnectionAndTheNextOneComesWithoutAWord) {
  const auto stub = connect();
  ChatClient talker{*stub, as("ann")};
  EXPECT_EQ(talker.next_kind(), "watching");
  std::this_thread::sleep_for(1'200ms);  // longer than a connection without a call lives
  ASSERT_TRUE(talker.send("still here"));
  EXPECT_EQ(talker.next()->message(), "still here");
  talker.end();
  std::this_thread::sleep_for(1'200ms);
  ChatClient again{*stub, as("ann")};
  EXPECT_EQ(again.next_kind(), "watching");
}

TEST_F(ConnectionGuardTest, EndlessHeadersEndAtTheirBound) {
  RawHttp2 client{server.bound_address()};
  ASSERT_TRUE(client.send(RawHttp2::start() + http2_frame(FrameType::headers, 0, 1, "\x82")));
  const auto piece = http2_frame(FrameType::continuation, 0, 1, std::string(1'000, '\x80'));
  for (int i = 0; i < 100; ++i) {
    if (!client.send(piece)) break;
  }
  EXPECT_EQ(RawHttp2::goodbyes(client.read_to_end()), std::vector{ErrorCode::enhance_your_calm});
}

TEST_F(ConnectionGuardTest, HeadersThatTakeTooLongEndTheConnection) {
  RawHttp2 client{server.bound_address()};
  ASSERT_TRUE(client.send(RawHttp2::start() + http2_frame(FrameType::headers, 0, 1, "\x82")));
  EXPECT_EQ(RawHttp2::goodbyes(client.read_to_end()), std::vector{ErrorCode::enhance_your_calm});
}

TEST_F(ConnectionGuardTest, FloodsOfResetsAndSettingsEndTheConnection) {
  const std::string head{"\x83\x86\x04\x02/x\x01\x01x", 10};
  std::string resets = RawHttp2::start();
  for (std::uint32_t stream = 1; stream < 6'000; stream += 2) {
    resets += http2_frame(FrameType::headers, adapters::http2::kEndHeaders, stream, head) +
              http2_frame(FrameType::rst_stream, 0, stream, tests::http2_number(8, 4));
  }
  std::string settings = RawHttp2::start();
  for (int i = 0; i < 1'000; ++i) settings += http2_frame(FrameType::settings, 0, 0);
  for (const auto& flood : {resets, settings}) {
    RawHttp2 client{server.bound_address()};
    client.send(flood);
    const auto codes = RawHttp2::goodbyes(client.read_to_end());
    ASSERT_FALSE(codes.empty());
    EXPECT_EQ(codes.back(), ErrorCode::enhance_your_calm);
  }
}

TEST_F(ConnectionGuardTest, WhatIsNotHttp2IsToldSoAndSilenceEnds) {
  RawHttp2 old{server.bound_address()};
  ASSERT_TRUE(old.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  const auto told = old.read_to_end();
  EXPECT_TRUE(told.starts_with("HTTP/1.1 505 ")) << told;
  EXPECT_TRUE(told.ends_with("HTTP/1.1 has its own port.\r\n")) << told;
  RawHttp2 silent{server.bound_address()};
  EXPECT_EQ(silent.read_to_end(), "");
  RawHttp2 slow{server.bound_address()};
  ASSERT_TRUE(slow.send(adapters::http2::kPreface.substr(0, 20)));
  EXPECT_EQ(slow.read_to_end(), "");
}

TEST_F(ConnectionGuardTest, AClientThatEndsItsHalfOrHangsUpLeavesNothing) {
  for (int i = 0; i < 20; ++i) {
    RawHttp2 client{server.bound_address()};
    ASSERT_TRUE(client.send(RawHttp2::start()));
    if (i % 2 == 0) {
      client.end();
      client.read_to_end();
    }
  }
  const auto begin = Clock::now();
  server.stop();  // waits for what is left
  EXPECT_LT(Clock::now() - begin, 900ms);
}

TEST_F(ConnectionGuardTest, AServerThatStopsClosesSilentConnectionsAtOnce) {
  RawHttp2 silent{server.bound_address()};
  RawHttp2 idle{server.bound_address()};
  ASSERT_TRUE(idle.send(RawHttp2::start()));
  std::this_thread::sleep_for(50ms);
  server.stop();
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_FALSE(RawHttp2::goodbyes(idle.read_to_end()).empty());
}

TEST(ConnectionGuardRoom, WithoutDescriptorsThoseWithoutACallGoFirst) {
  net::DescriptorBudget budget{30};
  GrpcOptions options;
  options.descriptors = &budget.add_share(0);
  tests::ChatWorld world;
  net::IoThreads io_threads{2};
  GrpcServer server{options, io_threads, world.endpoint, world.logger};
  const auto connect = [&server] { return chat::v1::ChatRoom::NewStub(connect_to(server)); };
  const auto stub = connect();
  ChatClient talker{*stub, as("ann")};
  EXPECT_EQ(talker.next_kind(), "watching");
  std::vector<std::unique_ptr<RawHttp2>> crowd;
  for (int i = 0; i < 9; ++i) {
    crowd.push_back(std::make_unique<RawHttp2>(server.bound_address()));
    ASSERT_TRUE(crowd.back()->send(RawHttp2::start()));
  }
  const auto newcomer = [&connect] {
    const auto own = connect();
    return ChatClient{*own, as("bob")}.next_kind() == "watching";
  };
  EXPECT_FALSE(newcomer()) << "there are descriptors for ten";
  EXPECT_TRUE(wait_for(newcomer, 10s));
  ASSERT_TRUE(talker.send("still here"));
  EXPECT_EQ(talker.next()->message(), "still here");
  crowd.clear();
}

}  // namespace
}  // namespace danwa::grpc
