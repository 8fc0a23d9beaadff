#include "usecase/presence/presence_hub.hpp"

#include <gtest/gtest.h>
#include <atomic>

#include <thread>

#include "people.hpp"
#include "support/frames.hpp"

namespace danwa::presence {
namespace {

using namespace tests;
using std::chrono::seconds;

struct RecordingBus final : delivery::PeerBus {
  void broadcast(delivery::FramePtr) override { ADD_FAILURE() << "frames of presence stay here"; }
  void broadcast_presence(std::string note) override { notes.push_back(std::move(note)); }
  void tell(const delivery::PeerAddress&, std::string note) override { notes.push_back(std::move(note)); }
  std::vector<std::string> notes;
};

struct RecordingWatchers final : delivery::BusListener {
  void on_updates(std::vector<delivery::LoggedUpdate>) override {}
  void on_frame(delivery::FramePtr frame) override { frames.emplace_back(frame->json()); }
  void on_presence(delivery::PeerAddress, std::string) override {}
  void check_log(const domain::ChannelKey&) override {}
  void look_at_log_everywhere() override {}
  std::vector<std::string> frames;
};

struct Hub {
  Hub() { hub.connect(&bus, watchers); }

  void begin(const std::string& key, const std::string& name) { hub.begin(room(key), person(name)); }
  void end(const std::string& key, const std::string& name) { hub.end(room(key), person(name)); }

  /// Steps as often as the hub asks for, until `time` later.
  void run(milliseconds time) {
    const Time end = now + time;
    Time due = hub.step(now);
    while (due <= end) {
      now = std::max(now, due);
      due = hub.step(now);
    }
    now = end;
  }
  std::vector<std::string> shown() {
    run(milliseconds{0});
    return std::exchange(watchers.frames, {});
  }

  delivery::DeliveryFigures metrics;
  std::atomic<int> wakes{0};  // from whichever thread calls
  RecordingBus bus;
  RecordingWatchers watchers;
  PresenceHub hub{
      {.self = {"a", 1}, .figures = metrics, .encoder = adapters::json_frames(), .wake = [this] { ++wakes; }}};
  Time now = start_time();
};

std::string frame(const std::string& key, std::size_t count, const std::string& users) {
  return R"({"type":"presence-changed","payload":{"conversationKey":")" + key + R"(","count":)" +
         std::to_string(count) + R"(,"users":[)" + users + "]}}";
}
using Shown = std::vector<std::string>;

TEST(PresenceHub, ShowsAtOnceWhoCameWhenItWasQuiet) {
  Hub hub;
  hub.begin("lobby", "alice");
  EXPECT_EQ(hub.shown(), Shown{}) << "she knows that she is there";
  hub.run(seconds{1});
  hub.begin("lobby", "bo\"b");
  EXPECT_EQ(hub.shown(), Shown{frame("lobby", 2, R"("alice","bo\"b")")});
}

TEST(PresenceHub, GathersWhatFollowsWithinAQuarterOfASecond) {
  Hub hub;
  hub.begin("lobby", "a");
  hub.begin("lobby", "z");
  EXPECT_EQ(hub.shown().size(), 1U);
  for (const char* name : {"b", "c", "d"}) {
    hub.run(milliseconds{60});
    hub.begin("lobby", name);
    EXPECT_TRUE(hub.shown().empty());
  }
  hub.run(milliseconds{70});
  EXPECT_EQ(hub.shown(), Shown{frame("lobby", 5, R"("a","b","c","d","z")")});
}

TEST(PresenceHub, SaysNothingWhenAllIsAsItWas) {
  Hub hub;
  hub.begin("lobby", "a");
  hub.shown();
  hub.begin("lobby", "b");
  hub.end("lobby", "b");
  hub.begin("lobby", "a");  // a second device
  hub.run(seconds{2});
  EXPECT_TRUE(hub.shown().empty());
}

TEST(PresenceHub, ShowsAtMostFiftyNamesAndCountsAll) {
  Hub hub;
  for (int i = 0; i < 1'100; ++i) hub.begin("lobby", "person-" + std::to_string(1'000 + i));
  const auto shown = hub.shown();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_NE(shown[0].find(R"("count":1100,)"), std::string::npos);
  EXPECT_NE(shown[0].find(R"("person-1049"])"), std::string::npos);
  hub.begin("lobby", "aaa");  // among so many a frame may wait for a second
  hub.run(milliseconds{900});
  EXPECT_TRUE(hub.shown().empty());
  hub.run(milliseconds{100});
  EXPECT_EQ(hub.shown().size(), 1U);
}

TEST(PresenceHub, ShowsNothingWhereNobodyWatchesHere) {
  Hub hub;
  hub.begin("here", "alice");
  hub.shown();
  hub.hub.on_presence("b", "1 delta b 1 0\n+ acme:conversation:here bob\n+ acme:conversation:there carol");
  EXPECT_EQ(hub.shown(), Shown{frame("here", 2, R"("alice","bob")")});
  hub.hub.on_presence("b", "1 delta b 1 1\n- acme:conversation:here bob");
  hub.run(milliseconds{250});
  EXPECT_EQ(hub.shown(), Shown{frame("here", 1, R"("alice")")}) << "alone again";
  hub.hub.on_presence("b", "1 delta b 1 2\n+ acme:conversation:here bob");
  hub.run(milliseconds{250});
  EXPECT_EQ(names(hub.hub.known(room("there"), std::nullopt, 10).users), Names{"carol"});
  EXPECT_EQ(hub.metrics.presence_entries.value(), 3);
  EXPECT_EQ(hub.metrics.presence_nodes.value(), 1);
}

TEST(PresenceHub, AWatcherWithoutNameSeesAndIsNotSeen) {
  Hub hub;
  hub.hub.begin(room(), std::nullopt);
  hub.begin("lobby", "alice");
  EXPECT_EQ(hub.shown(), Shown{frame("lobby", 1, R"("alice")")});
  hub.end("lobby", "alice");
  hub.run(milliseconds{250});
  EXPECT_EQ(hub.shown(), Shown{frame("lobby", 0, "")});
  hub.hub.end(room(), std::nullopt);
}

TEST(PresenceHub, TellsTheOtherNodes) {
  Hub hub;
  hub.begin("lobby", "alice");
  hub.run(milliseconds{0});
  ASSERT_FALSE(hub.bus.notes.empty());
  EXPECT_EQ(hub.bus.notes.front(), "1 delta a 1 0\n+ acme:conversation:lobby alice");
  hub.hub.close();
  EXPECT_EQ(hub.bus.notes.back(), "1 bye a 1");
}

TEST(PresenceHub, AsksToBeWokenWhenSomethingIsToBeDone) {
  Hub hub;
  hub.run(milliseconds{100});
  hub.begin("lobby", "alice");
  EXPECT_EQ(hub.wakes, 1);
  hub.begin("lobby", "bob");  // it comes anyway
  EXPECT_EQ(hub.wakes, 1);
  hub.run(seconds{1});
  hub.begin("lobby", "alice");  // nothing to be done
  EXPECT_EQ(hub.wakes, 1);
  hub.hub.on_presence("b", "1 beat b 1 0");
  EXPECT_EQ(hub.wakes, 2);
}

TEST(PresenceHub, CountsWhatItDoesNotUnderstand) {
  Hub hub;
  hub.hub.on_presence("b", "hello");
  hub.run(milliseconds{0});
  EXPECT_EQ(hub.metrics.bus_unexpected.value(), 1U);
}

TEST(PresenceHub, KeepsABoundedInbox) {
  Hub hub;
  const std::string note(64 * 1024, 'x');
  for (int i = 0; i < 1'000; ++i) hub.hub.on_presence("b", note);
  hub.run(milliseconds{0});
  EXPECT_EQ(hub.metrics.bus_unexpected.value(), PresenceHub::kMaxInbox / note.size());
}

TEST(PresenceHub, GivesPagesOfPeople) {
  Hub hub;
  for (const char* name : {"d", "b", "a", "c"}) hub.begin("lobby", name);
  const auto first = hub.hub.known(room(), std::nullopt, 3);
  EXPECT_EQ(names(first.users), (Names{"a", "b", "c"}));
  EXPECT_EQ(first.count, 4U);
  EXPECT_TRUE(first.more);
  const auto second = hub.hub.known(room(), person("c"), 3);
  EXPECT_EQ(names(second.users), Names{"d"});
  EXPECT_EQ(second.count, 4U);
  EXPECT_FALSE(second.more);
  EXPECT_EQ(hub.hub.known(room("lobby", "other"), std::nullopt, 3).count, 0U);  // companies never meet
}

TEST(PresenceHub, StaysExactWhileManyThreadsComeAndGo) {
  Hub hub;
  std::atomic<bool> over{false};
  std::thread stepping{[&] {
    while (!over) hub.hub.step(std::chrono::steady_clock::now());
  }};
  std::vector<std::thread> transports;
  for (int t = 0; t < 4; ++t) {
    transports.emplace_back([&hub, t] {
      const std::string name = "person-" + std::to_string(t % 2);
      for (int i = 0; i < 500; ++i) {
        hub.begin("lobby", name);
        hub.hub.frame_of(room());
        hub.end("lobby", name);
      }
      hub.begin("lobby", name);
    });
  }
  for (auto& transport : transports) transport.join();
  over = true;
  stepping.join();
  EXPECT_EQ(names(hub.hub.known(room(), std::nullopt, 10).users), (Names{"person-0", "person-1"}));
  hub.hub.step(std::chrono::steady_clock::now() + seconds{1});
  EXPECT_EQ(hub.watchers.frames.back(), frame("lobby", 2, R"("person-0","person-1")"));
}

}  // namespace
}  // namespace danwa::presence
