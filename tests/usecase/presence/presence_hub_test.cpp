#include "usecase/presence/presence_hub.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <atomic>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "people.hpp"
#include "support/frames.hpp"

namespace danwa::presence {
namespace {

using namespace tests;
using std::chrono::seconds;

struct RecordingBus final : delivery::PeerBus {
  void broadcast(delivery::FramePtr) override { ADD_FAILURE() << "frames of presence stay here"; }
  void broadcast_presence(std::string note) override { notes.push_back("all: " + note); }
  void tell(const delivery::PeerAddress& to, std::string note) override { notes.push_back(to + ": " + note); }
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
  /// Another node, b, is there and knows this one; from here on it says what the test says.
  void meet_b() {
    hear("2 beat b 1\n= a 1 0 0");
    run(milliseconds{100});
    bus.notes.clear();
  }
  void hear(const std::string& note) { hub.on_presence("b", note); }
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

/// A client that reads who is in a conversation.
struct Reading {
  explicit Reading(Hub& hub, const std::string& key = "lobby") {
    const auto answered = [this](const std::exception_ptr&, const usecase::Presence::Page& page) {
      users = names(page.users);
    };
    boost::asio::co_spawn(io, hub.hub.present(room(key), std::nullopt, 100), answered);
    done();
  }
  bool done() {
    io.restart();
    io.poll();
    return users.has_value();
  }
  boost::asio::io_context io;
  std::optional<Names> users;
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

TEST(PresenceHub, ShowsThePeopleOfOtherNodesWhereSomebodyWatchesHere) {
  Hub hub;
  hub.begin("here", "alice");
  hub.shown();
  hub.hear("2 delta b 1 0 0\n+ acme:conversation:here bob");
  EXPECT_EQ(hub.shown(), Shown{frame("here", 2, R"("alice","bob")")});
  hub.hear("2 delta b 1 1 0\n- acme:conversation:here bob");
  hub.run(milliseconds{250});
  EXPECT_EQ(hub.shown(), Shown{frame("here", 1, R"("alice")")}) << "alone again";
  hub.hear("2 delta b 1 2 0\n+ acme:conversation:here bob");
  hub.run(milliseconds{250});
  EXPECT_FALSE(hub.hub.known(room("there"), std::nullopt, 10));
  EXPECT_EQ(hub.metrics.presence_entries.value(), 2);
  EXPECT_EQ(hub.metrics.presence_nodes.value(), 1);
  EXPECT_EQ(hub.metrics.presence_names_in.value(), 3U);
}

TEST(PresenceHub, ShowsNothingUntilTheOtherNodesHaveAnswered) {
  Hub hub;
  hub.meet_b();
  hub.begin("lobby", "alice");
  hub.begin("lobby", "ann");
  EXPECT_EQ(hub.shown(), Shown{});
  EXPECT_EQ(hub.hub.greeting(room(), person("alice")), nullptr);
  EXPECT_EQ(hub.bus.notes, (Shown{"b: 2 delta a 1 0 0\n+ acme:conversation:lobby"}));
  hub.run(milliseconds{30});
  EXPECT_EQ(hub.shown(), Shown{});
  hub.hear("2 delta b 1 0 1\n+ acme:conversation:lobby bob");
  EXPECT_EQ(hub.shown(), Shown{frame("lobby", 3, R"("alice","ann","bob")")});
  ASSERT_NE(hub.hub.greeting(room(), person("alice")), nullptr);
  EXPECT_EQ(hub.hub.greeting(room(), person("alice"))->json(), frame("lobby", 3, R"("alice","ann","bob")"));
}

TEST(PresenceHub, ShowsWhatItKnowsAfter200MsIfANodeIsSilent) {
  Hub hub;
  hub.meet_b();
  hub.begin("lobby", "alice");
  hub.begin("lobby", "ann");
  hub.run(milliseconds{199});
  EXPECT_EQ(hub.shown(), Shown{});
  hub.run(milliseconds{1});
  EXPECT_EQ(hub.shown(), Shown{frame("lobby", 2, R"("alice","ann")")});
}

TEST(PresenceHub, AReadOfAConversationThatNobodyWatchesHereAsksTheOtherNodes) {
  Hub hub;
  hub.meet_b();
  Reading first{hub};
  Reading second{hub};
  EXPECT_FALSE(first.done());
  hub.run(milliseconds{20});
  EXPECT_FALSE(first.done());
  EXPECT_EQ(hub.bus.notes.front(), "b: 2 delta a 1 0 0\n+ acme:conversation:lobby");
  hub.hear("2 delta b 1 0 1\n+ acme:conversation:lobby bob carl");
  hub.run(milliseconds{0});
  EXPECT_TRUE(first.done() && second.done());
  EXPECT_EQ(first.users, (Names{"bob", "carl"}));
  Reading third{hub};
  EXPECT_TRUE(third.done()) << "it is known now";
  EXPECT_EQ(third.users, (Names{"bob", "carl"}));
}

TEST(PresenceHub, AReadTakesInterestFor30Seconds) {
  Hub hub;
  hub.meet_b();
  Reading reading{hub};
  hub.run(milliseconds{200});
  EXPECT_TRUE(reading.done());
  const auto forgets = [&hub](seconds time) {
    hub.bus.notes.clear();
    for (const Time end = hub.now + time; hub.now < end;) {
      hub.run(milliseconds{500});
      hub.hear("2 beat b 1\n= a 1 0 1");
    }
    const std::string forgotten = "b: 2 delta a 1 1 0\n- acme:conversation:lobby";
    return std::find(hub.bus.notes.begin(), hub.bus.notes.end(), forgotten) != hub.bus.notes.end();
  };
  EXPECT_FALSE(forgets(seconds{20}));
  EXPECT_TRUE(Reading{hub}.done());
  EXPECT_FALSE(forgets(seconds{29}));
  EXPECT_TRUE(forgets(seconds{2}));
  EXPECT_FALSE(hub.hub.known(room(), std::nullopt, 1));
}

TEST(PresenceHub, ASilentNodeHoldsUpAReadFor200Ms) {
  Hub hub;
  hub.meet_b();
  Reading reading{hub};
  hub.run(milliseconds{199});
  EXPECT_FALSE(reading.done());
  hub.run(milliseconds{1});
  EXPECT_TRUE(reading.done());
  EXPECT_EQ(reading.users, Names{});
}

TEST(PresenceHub, NoReadWaitsForAHubThatIsClosed) {
  Hub hub;
  hub.meet_b();
  Reading before{hub};
  EXPECT_FALSE(before.done());
  hub.hub.close();
  EXPECT_TRUE(before.done());
  EXPECT_TRUE(Reading{hub}.done());
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

TEST(PresenceHub, TellsTheNodesThatWantToKnow) {
  Hub hub;
  hub.meet_b();
  hub.hear("2 delta b 1 0 0\n+ acme:conversation:lobby");
  hub.begin("lobby", "alice");
  hub.begin("kitchen", "carl");
  hub.run(milliseconds{100});
  ASSERT_FALSE(hub.bus.notes.empty());
  EXPECT_EQ(hub.bus.notes.front(),
            "b: 2 delta a 1 0 1\n+ acme:conversation:kitchen\n+ acme:conversation:lobby\n"
            "+ acme:conversation:lobby alice");
  for (const auto& note : hub.bus.notes) EXPECT_EQ(note.find("carl"), std::string::npos);
  hub.hub.close();
  EXPECT_EQ(hub.bus.notes.back(), "all: 2 bye a 1");
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
  hub.hear("2 beat b 1");
  EXPECT_EQ(hub.wakes, 2);
}

TEST(PresenceHub, CountsWhatItDoesNotUnderstand) {
  Hub hub;
  hub.hear("hello");
  hub.hear("1 delta b 1 0\n+ acme:conversation:lobby bob");  // the format before this one
  hub.run(milliseconds{0});
  EXPECT_EQ(hub.metrics.bus_unexpected.value(), 2U);
  EXPECT_EQ(hub.metrics.presence_nodes.value(), 0);
}

TEST(PresenceHub, KeepsABoundedInbox) {
  Hub hub;
  const std::string note(64 * 1024, 'x');
  for (int i = 0; i < 1'000; ++i) hub.hear(note);
  hub.run(milliseconds{0});
  EXPECT_EQ(hub.metrics.bus_unexpected.value(), PresenceHub::kMaxInbox / note.size());
}

TEST(PresenceHub, GivesPagesOfPeople) {
  Hub hub;
  for (const char* name : {"d", "b", "a", "c"}) hub.begin("lobby", name);
  const auto first = *hub.hub.known(room(), std::nullopt, 3);
  EXPECT_EQ(names(first.users), (Names{"a", "b", "c"}));
  EXPECT_EQ(first.count, 4U);
  EXPECT_TRUE(first.more);
  const auto second = *hub.hub.known(room(), person("c"), 3);
  EXPECT_EQ(names(second.users), Names{"d"});
  EXPECT_EQ(second.count, 4U);
  EXPECT_FALSE(second.more);
  EXPECT_EQ(hub.hub.known(room("lobby", "other"), std::nullopt, 3)->count, 0U);  // companies never meet
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
        const std::string other = "room-" + std::to_string(i % 20);
        hub.begin("lobby", name);
        hub.begin(other, name);
        hub.hub.frame_of(room());
        hub.hub.greeting(room(other), person(name));
        hub.end("lobby", name);
        hub.end(other, name);
      }
      hub.begin("lobby", name);
    });
  }
  std::thread bus{[&hub] {
    for (int i = 0; i < 500; ++i) {
      const std::string sign = i % 2 == 0 ? "+" : "-";
      hub.hear("2 delta b 1 " + std::to_string(i) + " 0\n" + sign + " acme:conversation:lobby bob");
      Reading reading{hub, "room-" + std::to_string(i % 30)};
      while (!reading.done()) std::this_thread::yield();
    }
  }};
  for (auto& transport : transports) transport.join();
  bus.join();
  over = true;
  stepping.join();
  hub.hub.step(std::chrono::steady_clock::now() + seconds{1});
  EXPECT_EQ(names(hub.hub.known(room(), std::nullopt, 10)->users), (Names{"person-0", "person-1"}));
  hub.hub.step(std::chrono::steady_clock::now() + seconds{2});
  const auto& frames = hub.watchers.frames;
  const auto of_lobby = [](const std::string& one) { return one.find(R"("lobby")") != std::string::npos; };
  const auto last = std::find_if(frames.rbegin(), frames.rend(), of_lobby);
  ASSERT_NE(last, frames.rend());
  EXPECT_EQ(*last, frame("lobby", 2, R"("person-0","person-1")"));
  EXPECT_EQ(hub.metrics.presence_entries.value(), 2);
}

}  // namespace
}  // namespace danwa::presence
