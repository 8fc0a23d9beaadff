#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "infra/beast/ws_fixture.hpp"

namespace danwa::beast {
namespace {

using adapters::http::MessageLink;
using adapters::http::MessagePeer;
using tests::client_text;

/// Does what it is told: "alarm", "expire", "throw", "close", "task", "post"; other texts come back.
class ObedientPeer final : public MessagePeer {
 public:
  ObedientPeer(const usecase::Clock& clock, const tests::TickingLeases& leases) : clock_{clock}, leases_{leases} {}

  void on_open(const std::shared_ptr<MessageLink>& link) override {
    link_ = link.get();
    shared_link_ = link;
  }
  void on_message(std::string_view text) override {
    if (text == "alarm") return link_->set_alarm(MessageLink::Clock::now() + std::chrono::milliseconds{100});
    if (text == "expire") return link_->hold(leases_.until(clock_.now() + std::chrono::milliseconds{100}), 4403);
    if (text == "close") return link_->close(4409, "told so");
    if (text == "throw") return link_->spawn(fail());
    if (text == "task") return link_->spawn(answer(link_));
    if (text == "post") return post();
    link_->send(text);
  }
  void on_drained() override { ++drained; }
  bool has_message() const override { return late.load() > 0; }
  std::shared_ptr<const std::string> next_message() override {
    ++made;
    return std::make_shared<const std::string>(std::string(late_size, 'x') + text_now.load());
  }
  void on_message_begun() override {
    --late;
    ++begun;
  }
  void on_alarm() override {
    link_->set_alarm(std::nullopt);
    link_->send("ring");
  }
  void on_heartbeat() override { link_->send("beat"); }
  void on_end() override { ended = true; }

  std::atomic<int> drained{0};
  std::atomic<int> late{0};  // messages that wait, of `late_size` bytes and `text_now`
  std::atomic<int> made{0};
  std::atomic<int> begun{0};
  std::atomic<char> text_now{'a'};
  std::size_t late_size = 0;
  std::atomic<bool> ended{false};

 private:
  static usecase::Async<void> fail() {
    throw std::runtime_error{"as told"};
    co_return;
  }
  static usecase::Async<void> answer(MessageLink* link) {
    link->send("done");
    co_return;
  }
  void post() {
    std::thread{[link = shared_link_] {
      if (const auto alive = link.lock()) alive->post([raw = alive.get()] { raw->send("posted"); });
    }}.join();
  }

  const usecase::Clock& clock_;
  const tests::TickingLeases& leases_;
  MessageLink* link_ = nullptr;
  std::weak_ptr<MessageLink> shared_link_;
};

class MessageServer {
 public:
  explicit MessageServer(StreamLimits limits = quick_limits())
      : server_{options(limits), threads_, routes(), feed_, log_, metrics, clock} {
    server_.start();
  }
  ~MessageServer() {
    leases.stop();
    server_.stop();
    threads_.end();
  }
  MessageServer(const MessageServer&) = delete;
  MessageServer& operator=(const MessageServer&) = delete;

  HttpServer* operator->() { return &server_; }
  int port() const {
    const auto address = server_.bound_address();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  MovableClock clock;
  adapters::Metrics metrics;
  tests::TickingLeases leases{clock};
  const std::shared_ptr<ObedientPeer> peer = std::make_shared<ObedientPeer>(clock, leases);

 private:
  static HttpOptions options(StreamLimits limits) {
    HttpOptions options;
    options.listen = "127.0.0.1:0";
    options.streams = limits;
    return options;
  }
  usecase::Async<adapters::http::Reply> open() const { co_return adapters::http::OpenMessages{peer, "obey"}; }
  const adapters::http::Router& routes() {
    router_.add("GET", "/ws", [this](auto, auto) { return open(); });
    return router_;
  }

  HandFeed feed_;
  tests::QuietLogger log_;
  adapters::http::Router router_;
  net::IoThreads threads_{1};
  HttpServer server_;  // last: it uses all the above
};

/// A client whose handshake is done.
class Obeyed : public WsClient {
 public:
  explicit Obeyed(const MessageServer& server) : WsClient{server.port()} {
    greeted = read_until("\r\nSec-WebSocket-Protocol: obey\r\n\r\n");
  }
  std::string answer(std::string_view text) {
    send(client_text(text));
    return read_answer_frame().payload;
  }
  ServerFrame end(std::string_view text) {
    send(client_text(text));
    return read_answer_frame();
  }
  bool greeted = false;
};

TEST(MessageSession, HandsOverWholeMessagesAndAnswers) {
  MessageServer server;
  Obeyed client{server};
  ASSERT_TRUE(client.greeted);
  EXPECT_EQ(client.answer("hello"), "hello");
  client.send(tests::client_frame(0x01, "in ") + tests::client_frame(0x00, "three ") +
              tests::client_frame(0x80, "pieces"));
  EXPECT_EQ(client.read_answer_frame().payload, "in three pieces");
  EXPECT_EQ(client.answer("task"), "done");
  EXPECT_EQ(client.answer("post"), "posted");
  EXPECT_EQ(client.answer("alarm"), "ring");
  EXPECT_GE(server.peer->drained, 4);
  client.send(tests::client_close(1000));
  EXPECT_EQ(client.read_answer_frame().close_code(), 1000);
  EXPECT_TRUE(server.peer->ended);
}

TEST(MessageSession, ClosesAsThePeerSays) {
  MessageServer server;
  Obeyed client{server};
  const auto end = client.end("close");
  EXPECT_EQ(end.close_code(), 4409);
  EXPECT_EQ(end.reason(), "told so");
  EXPECT_TRUE(server.peer->ended);
}

TEST(MessageSession, ATaskThatThrowsEndsTheConnection) {
  MessageServer server;
  Obeyed client{server};
  EXPECT_EQ(client.end("throw").close_code(), 4500);
}

TEST(MessageSession, EndsWithTheCredential) {
  MessageServer server;
  Obeyed client{server};
  const auto end = client.end("expire");
  EXPECT_EQ(end.close_code(), 4403);
  EXPECT_EQ(end.reason(), "token-expired");
}

TEST(MessageSession, BeatsAndDrainsAsEveryStream) {
  auto limits = quick_limits();
  limits.ping_interval = std::chrono::milliseconds{100};
  MessageServer server{limits};
  Obeyed client{server};
  EXPECT_EQ(client.read_answer_frame().payload, "beat");
  auto drained = std::async(std::launch::async, [&] { server->drain(std::chrono::milliseconds{0}); });
  auto frame = client.read_answer_frame();
  while (frame.opcode == 1) frame = client.read_answer_frame();
  EXPECT_EQ(frame.close_code(), 1001);
  EXPECT_TRUE(frame.reason().starts_with("retry-after="));
}

TEST(MessageSession, TooManyMessagesAreAMatterOfPolicy) {
  MessageServer server;
  Obeyed client{server};
  std::string many;
  for (int i = 0; i < 3'000; ++i) many += tests::client_ping();
  client.send(many);
  auto frame = client.read_frame();
  while (frame.opcode == 10) frame = client.read_frame();
  EXPECT_EQ(frame.close_code(), 1008);
}

/// What a stalled client gets later is what is so then, but for what the kernel has already.
TEST(MessageSession, MakesAMessageAnewUntilAByteOfItIsWritten) {
  constexpr int kMessages = 400;
  MessageServer server;
  server.peer->late_size = 8 * 1024;
  server.peer->late = kMessages;
  WsClient client{server.port(), upgrade(), 4 * 1024};
  ASSERT_TRUE(client.read_until("\r\n\r\n"));
  int begun = -1;
  ASSERT_TRUE(eventually([&] {  // it has stalled: nothing was begun for a while
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    return std::exchange(begun, server.peer->begun.load()) == server.peer->begun.load();
  }));
  ASSERT_LT(begun, kMessages);
  server.peer->text_now = 'b';
  int old = 0;
  for (int i = 0; i < kMessages; ++i) old += client.read_answer_frame().payload.back() == 'a' ? 1 : 0;
  EXPECT_EQ(old, begun);
}

/// What the client does not read stays with the client, but for a bound.
TEST(MessageSession, DoesNotReadOnWhileItsAnswersAreNotTaken) {
  MessageServer server;
  WsClient client{server.port(), upgrade(), 4 * 1024};
  ASSERT_TRUE(client.read_until("\r\n\r\n"));
  const std::string message(60'000, 'm');
  auto written = std::async(std::launch::async, [&] {
    for (int i = 0; i < 400; ++i) client.send(client_text(message));
  });
  EXPECT_EQ(written.wait_for(std::chrono::milliseconds{500}), std::future_status::timeout);  // 24 MB do not fit
  for (int i = 0; i < 400; ++i) ASSERT_EQ(client.read_answer_frame().payload.size(), message.size());
}

}  // namespace
}  // namespace danwa::beast
