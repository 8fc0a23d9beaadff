#include "usecase/delivery/subscriber.hpp"

#include <gtest/gtest.h>

#include "frames.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;
using usecase::Delivery;
using usecase::ReadFrom;

/// A subscriber and what its transport has seen so far, e.g. "watching:3 missed:1-1 2 3 reset:9".
struct Watched {
  explicit Watched(Delivery delivery = Delivery::complete, std::optional<domain::Seq> after = std::nullopt)
      : subscriber{
            usecase::Watch::of(lobby(), after ? std::optional{domain::Cursor{{}, *after}} : std::nullopt, delivery),
            kNode, adapters::json_frames(), metrics} {}

  Subscriber::Outcome see(Subscriber::Outcome outcome) {
    if (!outcome.deliver.empty()) batches.push_back(outcome.deliver.size());
    for (const auto& frame : outcome.deliver) {
      const auto seq = std::to_string(frame->seq());
      const auto json = std::string{frame->json()};
      if (!seen.empty()) seen += ' ';
      if (frame->kind() == FrameKind::watching) seen += "watching:";
      if (frame->kind() == FrameKind::reset) seen += "reset:";
      if (frame->kind() == FrameKind::missed) {
        const auto at = json.find("fromSeq\":") + 9;
        seen += "missed:" + json.substr(at, json.find(',', at) - at) + "-";
      }
      seen += seq;
    }
    return outcome;
  }
  void start(domain::Seq head) { see(subscriber.started("e", head, false)); }
  Subscriber::Outcome announce(domain::Seq first, domain::Seq last) {
    return see(subscriber.announced(added_range(first, last)));
  }
  Subscriber::Outcome ready() { return see(subscriber.ready()); }
  Subscriber::Outcome answer(const PageRequest& request, FrameBatch frames, PageSource source, domain::Seq head) {
    return see(subscriber.page(Page{request.id, request.last, head, source, std::move(frames)}));
  }
  std::string take_seen() { return std::exchange(seen, {}); }

  DeliveryFigures metrics;
  Subscriber subscriber;
  std::string seen;
  std::vector<std::size_t> batches;
};

TEST(Subscriber, WaitsForItsTransportWhileItHasSomethingForIt) {
  Watched w;
  EXPECT_FALSE(w.subscriber.waits_for_transport()) << "nothing is known yet";
  w.start(41);
  EXPECT_TRUE(w.subscriber.waits_for_transport()) << "`watching` waits";
  w.ready();
  EXPECT_FALSE(w.subscriber.waits_for_transport()) << "all is told";
  w.announce(42, 42);
  EXPECT_TRUE(w.subscriber.waits_for_transport()) << "an update waits";
  w.ready();
  EXPECT_FALSE(w.subscriber.waits_for_transport());
  w.ready();
  w.announce(44, 44);  // 43 has to be read first
  EXPECT_FALSE(w.subscriber.waits_for_transport()) << "the transport waits for it";
}

TEST(Subscriber, FirstTellsThePosition) {
  Watched w;
  w.ready();
  EXPECT_EQ(w.seen, "");
  w.start(41);
  EXPECT_EQ(w.seen, "watching:41");
}

TEST(Subscriber, AnEmptyConversationStartsAtZero) {
  Watched w;
  w.start(0);
  w.ready();
  w.ready();
  w.announce(1, 1);
  EXPECT_EQ(w.seen, "watching:0 1");
}

TEST(Subscriber, HandsOutOnlyWhenTheTransportIsReady) {
  Watched w;
  w.start(0);
  w.ready();
  w.announce(1, 2);
  w.announce(3, 3);
  EXPECT_EQ(w.take_seen(), "watching:0");
  w.ready();
  EXPECT_EQ(w.take_seen(), "1 2 3");
  w.ready();
  w.announce(4, 4);
  EXPECT_EQ(w.take_seen(), "4");
}

TEST(Subscriber, LatestTellsWhatSlidOutAsMissed) {
  Watched w{Delivery::latest, 0};
  w.start(0);
  w.ready();
  w.announce(1, 17);
  w.ready();
  w.ready();
  EXPECT_EQ(w.seen, "watching:0 missed:1-1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17");
  EXPECT_EQ(w.batches, (std::vector<std::size_t>{1, 16, 1}));
  EXPECT_EQ(w.metrics.updates_missed.value(), 1u);
  EXPECT_EQ(w.metrics.ring_drops.value(), 1u);
}

TEST(Subscriber, CompleteReadsWhatSlidOut) {
  Watched w{Delivery::complete, 0};
  w.start(0);
  w.ready();
  w.announce(1, 17);
  const auto read = w.ready().read;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first, 1u);
  EXPECT_EQ(read->last, 1u);
  w.answer(*read, added_range(1, 1), PageSource::replica, 17);
  w.ready();
  EXPECT_EQ(w.seen, "watching:0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17");
  EXPECT_EQ(w.batches, (std::vector<std::size_t>{1, 16, 1}));
  EXPECT_EQ(w.metrics.updates_missed.value(), 0u);
}

TEST(Subscriber, ABatchLargerThanTheRingLosesNothingWhileTheTransportIsReady) {
  Watched w;
  w.start(0);
  w.ready();
  w.ready();
  w.announce(1, 32);
  w.ready();
  EXPECT_EQ(w.batches, (std::vector<std::size_t>{1, 16, 16}));
  EXPECT_EQ(w.metrics.ring_drops.value(), 0u);
}

TEST(Subscriber, IgnoresDuplicatesAndLateOnes) {
  Watched w;
  w.start(10);
  w.ready();
  w.ready();
  w.announce(11, 12);
  w.ready();
  w.announce(9, 12);
  w.announce(13, 13);
  EXPECT_EQ(w.seen, "watching:10 11 12 13");
}

TEST(Subscriber, DropsWhatCameBeforeThePositionWasKnown) {
  Watched w;
  w.announce(5, 8);
  w.start(6);
  w.ready();
  EXPECT_EQ(w.seen, "watching:6 7 8");
}

TEST(Subscriber, AfterReadsFromTheNextOn) {
  Watched w{Delivery::complete, 3};
  w.start(30);
  w.ready();
  const auto read = w.ready().read;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first, 4u);
  EXPECT_EQ(read->last, 19u);
  EXPECT_EQ(read->from, ReadFrom::replica);
}

TEST(Subscriber, OneReadIsUnderWayAtATime) {
  Watched w{Delivery::complete, 0};
  w.start(5);
  w.ready();
  ASSERT_TRUE(w.ready().read);
  EXPECT_FALSE(w.announce(9, 9).read);
  EXPECT_FALSE(w.ready().read);
}

TEST(Subscriber, AShortPageOfAReplicaIsReadOnceMoreOnTheMaster) {
  Watched w{Delivery::complete, 0};
  w.start(5);
  w.ready();
  auto read = w.ready().read;
  ASSERT_TRUE(read);
  read = w.answer(*read, {}, PageSource::replica, 0).read;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->from, ReadFrom::master);
  w.answer(*read, added_range(1, 5), PageSource::master, 5);
  EXPECT_EQ(w.seen, "watching:0 1 2 3 4 5");
}

TEST(Subscriber, WhatAShortPageHasGoesOutBeforeTheMasterIsAsked) {
  Watched w{Delivery::complete, 0};
  w.start(5);
  w.ready();
  auto read = w.ready().read;
  w.answer(*read, added_range(1, 2), PageSource::replica, 2);
  EXPECT_EQ(w.seen, "watching:0 1 2");
  read = w.ready().read;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first, 3u);
  EXPECT_EQ(read->from, ReadFrom::master);
}

TEST(Subscriber, ALogThatHasItNoMoreMeansReset) {
  Watched w{Delivery::complete, 0};
  w.start(50);
  w.ready();
  const auto read = w.ready().read;
  w.answer(*read, {}, PageSource::master, 60);
  EXPECT_EQ(w.seen, "watching:0 reset:60");
  w.ready();
  w.announce(61, 61);
  EXPECT_EQ(w.seen, "watching:0 reset:60 61");
}

TEST(Subscriber, AnAnswerToAnEarlierQuestionIsIgnored) {
  Watched w{Delivery::complete, 0};
  w.start(5);
  w.ready();
  const auto read = w.ready().read;
  w.see(w.subscriber.restarted());
  w.answer(*read, added_range(1, 5), PageSource::master, 5);
  w.see(w.subscriber.started("f", 2, true));
  w.answer(*read, added_range(1, 5), PageSource::master, 5);
  EXPECT_EQ(w.seen, "watching:0 reset:2");
}

TEST(Subscriber, AReplacedLogMeansResetAndGoesOnFromItsHead) {
  Watched w;
  w.start(10);
  w.ready();
  w.announce(11, 13);
  w.see(w.subscriber.restarted());
  w.announce(8, 9);
  w.see(w.subscriber.started("f", 8, true));
  w.ready();
  EXPECT_EQ(w.seen, "watching:10 reset:8 9");
}

TEST(Subscriber, LatestWithAnEmptyBufferFirstTakesTheNewestSixteen) {
  Watched w{Delivery::latest, 0};
  w.start(100);
  w.ready();
  const auto read = w.ready().read;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first, 85u);
  EXPECT_EQ(read->last, 100u);
  w.answer(*read, added_range(85, 100), PageSource::cache, 100);
  EXPECT_EQ(w.take_seen(), "watching:0 missed:1-84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99");
  w.ready();
  EXPECT_EQ(w.take_seen(), "100");
}

TEST(Subscriber, AHoleIsReadAndNothingGoesOutBeforeIt) {
  Watched w;
  w.start(0);
  w.ready();
  w.announce(1, 1);
  w.announce(3, 4);
  auto read = w.ready().read;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->last, 2u);
  w.answer(*read, added_range(1, 2), PageSource::cache, 4);
  EXPECT_EQ(w.seen, "watching:0 1 2 3 4");
}

TEST(Subscriber, ItsFiguresTellWhoIsBehind) {
  DeliveryFigures metrics;
  {
    Subscriber s{usecase::Watch::of(lobby(), {}, Delivery::complete), kNode, adapters::json_frames(), metrics};
    EXPECT_EQ(metrics.watchers_behind.value(), 1);
    s.started("e", 0, false);
    EXPECT_EQ(metrics.watchers_live.value(), 1);
    EXPECT_EQ(metrics.watchers_behind.value(), 0);
    s.announced(added_range(1, 17));
    EXPECT_EQ(metrics.watchers_behind.value(), 1);
  }
  EXPECT_EQ(metrics.watchers_live.value(), 0);
  EXPECT_EQ(metrics.watchers_behind.value(), 0);
}

TEST(Subscriber, EndsOnceWhenTheLogCannotBeRead) {
  Watched w;
  EXPECT_EQ(w.subscriber.log_unavailable().end, WatchCloseReason::unavailable);
  EXPECT_FALSE(w.subscriber.log_unavailable().end);
  w.start(0);
  w.ready();
  EXPECT_EQ(w.seen, "");
}

TEST(Subscriber, TakesTheTextOfARemovedCommentOutOfItsRing) {
  Watched w;
  w.start(0);
  w.ready();
  const auto frame = added(1, 70);
  w.see(w.subscriber.announced(std::vector{frame, added(2, 71)}));
  w.see(w.subscriber.announced(std::vector{deleted(3, 70)}));
  EXPECT_FALSE(shows_text(frame));
}

TEST(Subscriber, TakesTheTextsBeforeARedactionOutOfItsRingAndNoOthers) {
  Watched w;
  w.start(0);
  w.ready();
  const auto first = added(1, 70), other = added(2, 71), second = redacting(3, 70);
  w.see(w.subscriber.announced(std::vector{first, other, second, redacting(4, 72)}));
  EXPECT_FALSE(shows_text(first));
  EXPECT_TRUE(shows_text(other));
  EXPECT_TRUE(shows_text(second));
}

}  // namespace
}  // namespace danwa::delivery
