#include <gtest/gtest.h>

#include <functional>
#include <sstream>

#include "checker/verdict.hpp"

namespace danwa::checker {
namespace {

std::string text_of(std::uint64_t seq) { return "text-" + std::to_string(seq); }

Event post(std::uint64_t seq, std::int64_t start) {
  return {.op = Op::post,
          .conversation = "room",
          .id = "id-" + std::to_string(seq),
          .hash = text_of(seq),
          .seq = seq,
          .to = 0,
          .watcher = 0,
          .start = start,
          .end = start + 50,
          .result = Result::ok};
}
Event entry(Op op, std::uint64_t seq, std::uint64_t watcher = 0, std::int64_t at = 0) {
  return {.op = op,
          .conversation = "room",
          .id = "id-" + std::to_string(seq),
          .hash = text_of(seq),
          .seq = seq,
          .to = 0,
          .watcher = watcher,
          .start = at,
          .end = at,
          .result = Result::ok};
}

/// Ten comments, one after another, two watchers from the start, the log.
std::vector<Event> sound() {
  std::vector<Event> events;
  for (std::uint64_t watcher : {1U, 2U}) {
    auto watch = entry(Op::watch, 0, watcher);
    events.push_back(watch);
  }
  for (std::uint64_t seq = 1; seq <= 10; ++seq) {
    const auto start = static_cast<std::int64_t>(seq) * 100;
    events.push_back(post(seq, start));
    for (std::uint64_t watcher : {1U, 2U}) events.push_back(entry(Op::deliver, seq, watcher, start + 60));
  }
  for (std::uint64_t seq = 1; seq <= 10; ++seq) events.push_back(entry(Op::log, seq));
  return events;
}

std::size_t index_of(const std::vector<Event>& events, Op op, std::uint64_t seq, std::uint64_t watcher = 0) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].op == op && events[i].seq == seq && events[i].watcher == watcher) return i;
  }
  ADD_FAILURE() << "no such event";
  return 0;
}

/// The kinds found wrong once `forge` has had its way with a sound history.
std::string found(const std::function<void(std::vector<Event>&)>& forge, std::int64_t max_delay = 0) {
  auto events = sound();
  forge(events);
  std::string kinds;
  for (const auto& [kind, count] : check(events, max_delay).counts) kinds += (kinds.empty() ? "" : " ") + kind;
  return kinds;
}

void erase(std::vector<Event>& events, std::size_t index) {
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(index));
}

TEST(Checker, PassesASoundHistory) {
  EXPECT_EQ(found([](auto&) {}, 1000), "");
  const auto verdict = check(sound());
  EXPECT_EQ(verdict.checked_posts, 10U);
  EXPECT_EQ(verdict.checked_deliveries, 20U);
  EXPECT_EQ(verdict.checked_log, 10U);
}

TEST(Checker, FindsAnAcknowledgedCommentThatIsNotInTheLog) {
  EXPECT_EQ(found([](auto& events) { erase(events, index_of(events, Op::log, 10)); }), "lost");
  EXPECT_EQ(found([](auto& events) { erase(events, index_of(events, Op::log, 5)); }), "hole lost");
}

TEST(Checker, FindsAnUpdateThatAWatcherNeverGot) {
  EXPECT_EQ(found([](auto& events) { erase(events, index_of(events, Op::deliver, 5, 2)); }), "lost");
  EXPECT_EQ(found([](auto& events) { erase(events, index_of(events, Op::deliver, 10, 2)); }), "lost");
}

TEST(Checker, FindsADoubledLogEntry) {
  EXPECT_EQ(found([](auto& events) { events.push_back(entry(Op::log, 5)); }), "doubled");
  EXPECT_EQ(found([](auto& events) {
              auto copy = entry(Op::log, 5);
              copy.seq = 11;
              events.push_back(copy);
            }),
            "doubled");
}

TEST(Checker, FindsADoubledDelivery) {
  EXPECT_EQ(found([](auto& events) {
              const auto at = index_of(events, Op::deliver, 5, 2);
              events.insert(events.begin() + static_cast<std::ptrdiff_t>(at), events[at]);
            }),
            "doubled");
}

TEST(Checker, FindsASwappedPair) {
  EXPECT_EQ(found([](auto& events) {
              std::swap(events[index_of(events, Op::deliver, 5, 2)], events[index_of(events, Op::deliver, 6, 2)]);
            }),
            "doubled lost");
  EXPECT_EQ(found([](auto& events) {
              auto& a = events[index_of(events, Op::log, 5)];
              auto& b = events[index_of(events, Op::log, 6)];
              std::swap(a.seq, b.seq);
            }),
            "swapped");
}

TEST(Checker, FindsAnotherTextUnderANumberAtOneWatcherOnly) {
  EXPECT_EQ(found([](auto& events) { events[index_of(events, Op::deliver, 5, 2)].hash = text_of(4); }), "swapped");
}

TEST(Checker, FindsAForeignText) {
  EXPECT_EQ(found([](auto& events) {
              auto foreign = entry(Op::log, 11);
              foreign.hash = "marker of another company";
              events.push_back(foreign);
            }),
            "foreign");
  EXPECT_EQ(found([](auto& events) {
              auto foreign = entry(Op::deliver, 11, 1);
              foreign.hash = "marker of another company";
              events.push_back(foreign);
            }),
            "foreign");
}

TEST(Checker, FindsARefusedTextThatWasSavedAllTheSame) {
  EXPECT_EQ(found([](auto& events) {
              auto refused = post(11, 2000);
              refused.result = Result::refused;
              events.push_back(refused);
              events.push_back(entry(Op::log, 11));
            }),
            "foreign");
}

TEST(Checker, LetsAnUnansweredCommentBeInTheLogOnceOrNot) {
  const auto with_unknown = [](int times) {
    return found([times](auto& events) {
      auto unknown = post(11, 2000);
      unknown.result = Result::unknown;
      events.push_back(unknown);
      for (int i = 0; i < times; ++i) {
        auto copy = entry(Op::log, 11);
        copy.seq = 11 + static_cast<std::uint64_t>(i);
        events.push_back(copy);
      }
    });
  };
  EXPECT_EQ(with_unknown(0), "");
  EXPECT_EQ(with_unknown(1), "");
  EXPECT_EQ(with_unknown(2), "doubled");
}

TEST(Checker, FindsACommentThatOvertookAnAnsweredOne) {
  EXPECT_EQ(found([](auto& events) {
              auto& early = events[index_of(events, Op::post, 3)];
              early.start = 5000;  // sent after number 10 was answered, and still number 3
              early.end = 5050;
            }),
            "swapped");
}

TEST(Checker, FindsAStaleRead) {
  const auto read = [](std::uint64_t head, std::int64_t start) {
    return found([=](auto& events) {
      auto one = entry(Op::read, head);
      one.start = start;
      one.end = start + 10;
      events.push_back(one);
    });
  };
  EXPECT_EQ(read(10, 5000), "");
  EXPECT_EQ(read(9, 5000), "stale");
  EXPECT_EQ(read(4, 551), "stale");
  EXPECT_EQ(read(4, 549), "") << "number 5 was not answered yet";
}

TEST(Checker, FindsALateUpdate) {
  const auto late = [](std::int64_t by) {
    return found([by](auto& events) { events[index_of(events, Op::deliver, 10, 2)].start += by; }, 1'000'000);
  };
  EXPECT_EQ(late(900'000), "");
  EXPECT_EQ(late(1'200'000), "late");
}

TEST(Checker, FollowsAWatcherThatComesBackWithItsCursor) {
  const auto back = [](std::uint64_t after) {
    return found([after](auto& events) {
      const auto at = index_of(events, Op::deliver, 6, 2);
      auto watch = entry(Op::watch, after, 2);
      events.insert(events.begin() + static_cast<std::ptrdiff_t>(at), watch);
    });
  };
  EXPECT_EQ(back(5), "");
  EXPECT_EQ(back(4), "lost") << "it asked for 5 and got 6";
}

TEST(Checker, TakesToldRangesAsSeen) {
  EXPECT_EQ(found([](auto& events) {
              auto& gone = events[index_of(events, Op::deliver, 5, 2)];
              gone.op = Op::missed;
              gone.to = 5;
            }),
            "");
}

/// Number 11 takes what number 5 said, answered at 3,000 us; both watchers and the log show it so.
void take_fifth(std::vector<Event>& events) {
  auto take = entry(Op::take, 11);
  take.id = "id-5";
  take.end = 3000;
  events.push_back(take);
  for (std::uint64_t watcher : {1U, 2U}) {
    auto edit = entry(Op::deliver, 11, watcher, 3010);
    edit.id = "id-5";
    edit.is_added = false;
    events.push_back(edit);
  }
  auto edit = entry(Op::log, 11);
  edit.id = "id-5";
  edit.is_added = false;
  events.push_back(edit);
  events[index_of(events, Op::log, 5)].hash.clear();
}

TEST(Checker, LetsATextThatWasTakenBeGone) {
  EXPECT_EQ(found(take_fifth), "");
  EXPECT_EQ(found([](auto& events) {
              take_fifth(events);
              events[index_of(events, Op::deliver, 5, 2)].hash.clear();
            }),
            "");
}

TEST(Checker, FindsATextThatWasTakenAndIsShown) {
  const auto shown = [](std::int64_t later) {
    return found([later](auto& events) {
      take_fifth(events);
      events[index_of(events, Op::deliver, 5, 2)].start = 3000 + later;
    });
  };
  EXPECT_EQ(shown(900'000), "");
  EXPECT_EQ(shown(1'100'000), "shown");
  EXPECT_EQ(found([](auto& events) {
              take_fifth(events);
              events[index_of(events, Op::log, 5)].hash = text_of(5);
            }),
            "shown");
  for (const auto& [asked, kinds] : {std::pair{2990, ""}, {3010, "shown"}}) {
    EXPECT_EQ(found([asked = asked](auto& events) {
                take_fifth(events);
                auto& log = events[index_of(events, Op::log, 5)];
                log.hash = text_of(5);
                log.start = asked;
              }),
              kinds);
  }
}

TEST(Checker, FindsATextThatVanished) {
  EXPECT_EQ(found([](auto& events) { events[index_of(events, Op::log, 4)].hash.clear(); }), "vanished");
  EXPECT_EQ(found([](auto& events) {
              take_fifth(events);
              events[index_of(events, Op::log, 11)].hash.clear();  // the edit's own
            }),
            "vanished");
  EXPECT_EQ(found([](auto& events) {
              take_fifth(events);
              auto& edit = events[index_of(events, Op::log, 11)];
              edit.hash.clear();
              edit.has_text = false;  // a removal has none
            }),
            "");
}

TEST(Checker, StillTellsAnotherCommentUnderTheNumberOfATextThatWasTaken) {
  EXPECT_EQ(found([](auto& events) {
              take_fifth(events);
              events[index_of(events, Op::deliver, 5, 2)].hash.clear();
              events[index_of(events, Op::deliver, 5, 2)].id = "id-6";
            }),
            "swapped vanished");
}

TEST(History, ReadsItsLines) {
  std::istringstream in{
      R"({"op":"post","node":"a:1","conversation":"room","key":"k","hash":"h","start":1,"end":2,"result":"ok","status":201,"id":"i","seq":1})"
      "\n"
      R"({"op":"deliver","watcher":3,"node":"a:1","conversation":"room","seq":1,"id":"i","hash":"h","at":4})"
      "\n\n"
      R"({"op":"log","node":"a:1","conversation":"room","seq":1,"id":"i"})"
      "\n"
      R"({"op":"log","node":"a:1","conversation":"room","type":"comment-deleted","seq":2,"id":"i"})"
      "\n"
      R"({"op":"take","conversation":"room","seq":2,"id":"i","start":5,"end":6})"};
  std::vector<Event> events;
  read_history(in, events);
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[4].end, 6);
  EXPECT_EQ(events[0].end, 2);
  EXPECT_EQ(events[1].watcher, 3U);
  EXPECT_EQ(events[1].start, 4);
  EXPECT_TRUE(check(events).fine());
}

TEST(History, RefusesWhatIsNoEventAndNamesTheLine) {
  for (const char* bad :
       {"nonsense", "{}", R"({"op":"other","conversation":"c"})", R"({"op":"log","conversation":"c","seq":"1"})"}) {
    std::istringstream in{std::string{"\n"} + bad};
    std::vector<Event> events;
    try {
      read_history(in, events);
      ADD_FAILURE() << bad;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string{error.what()}.find("line 2"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace danwa::checker
