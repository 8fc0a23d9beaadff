#include "infra/caf/peer_actor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <caf/all.hpp>
#include <caf/io/middleman.hpp>
#include <future>

namespace danwa::caf {
namespace {

using std::chrono::seconds;

struct Config : ::caf::actor_system_config {
  Config() {
    load<::caf::io::middleman>();
    set("scheduler.policy", ::caf::atom("sharing"));
  }
};

::caf::behavior echo(::caf::event_based_actor*, const std::string& end) {
  return {[end](const std::string& text) { return text + end; }};
}

/// Dials over `fd`, says "hello", then waits for the end of the link.
::caf::behavior caller(::caf::event_based_actor* self, const BaspInjection* injection, int fd,
                       std::shared_ptr<std::promise<std::string>> answer, std::shared_ptr<std::promise<void>> down) {
  self->set_down_handler([self, down](const ::caf::down_msg&) {
    down->set_value();
    self->quit();
  });
  auto on_remote = [self, answer](const ::caf::actor& remote) {
    self->monitor(remote);
    self->request(remote, seconds{5}, std::string{"hello"}).then([answer](const std::string& text) {
      answer->set_value(text);
    });
  };
  auto on_error = [self, answer](const std::string& reason) {
    answer->set_value("error: " + reason);
    self->quit();
  };
  injection->dial(self, injection->take(fd), std::move(on_remote), std::move(on_error));
  return {[](int) {}};
}

struct InjectedLink : testing::Test {
  Config near_config;
  Config far_config;
  ::caf::actor_system near{near_config};
  ::caf::actor_system far{far_config};
  BaspInjection near_side{near};
  BaspInjection far_side{far};
  int ends[2] = {-1, -1};
  std::shared_ptr<std::promise<std::string>> answer = std::make_shared<std::promise<std::string>>();
  std::shared_ptr<std::promise<void>> down = std::make_shared<std::promise<void>>();

  void SetUp() override { ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0); }
};

TEST_F(InjectedLink, LetsTwoActorSystemsTalkOverAGivenDescriptorAndNoticesItsEnd) {
  const int cut = ::dup(ends[1]);
  const auto published = far.spawn(echo, std::string{"!"});
  far_side.accept(far_side.take(ends[1]), published);
  near.spawn(caller, &near_side, ends[0], answer, down);
  auto got = answer->get_future();
  ASSERT_EQ(got.wait_for(seconds{10}), std::future_status::ready);
  EXPECT_EQ(got.get(), "hello!");
  auto lost = down->get_future();
  EXPECT_EQ(lost.wait_for(seconds{0}), std::future_status::timeout);
  ::shutdown(cut, SHUT_RDWR);
  EXPECT_EQ(lost.wait_for(seconds{10}), std::future_status::ready);
  ::close(cut);
  ::caf::anon_send_exit(published, ::caf::exit_reason::kill);
}

TEST_F(InjectedLink, ReportsAPeerThatHangsUp) {
  near.spawn(caller, &near_side, ends[0], answer, down);
  ::close(ends[1]);
  auto got = answer->get_future();
  ASSERT_EQ(got.wait_for(seconds{10}), std::future_status::ready);
  EXPECT_EQ(got.get().substr(0, 6), "error:");
}

}  // namespace
}  // namespace danwa::caf
