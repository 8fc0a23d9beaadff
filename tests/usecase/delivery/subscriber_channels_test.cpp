#include <gtest/gtest.h>

#include "frames.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;

/// A merged watch of the inboxes a, b and c; what its transport sees, e.g. "watching a1 b1 a2".
struct MergedWatch : testing::Test {
  static domain::ChannelKey inbox(const char* key) {
    return domain::ChannelKey::inbox(company(), domain::UserId::trusted(key));
  }
  static usecase::Watch watch() {
    usecase::Watch watch;
    for (const char* key : {"a", "b", "c"}) watch.channels.push_back({inbox(key), domain::Cursor{{}, 0}});
    watch.merged = true;
    return watch;
  }
  static FrameBatch updates(const char* key, domain::Seq first, domain::Seq last) {
    FrameBatch frames;
    for (auto seq = first; seq <= last; ++seq) frames.push_back(added(seq, seq, inbox(key)));
    return frames;
  }

  Subscriber::Outcome see(Subscriber::Outcome outcome) {
    if (outcome.read) read = outcome.read;
    for (const auto& frame : outcome.deliver) {
      if (!seen.empty()) seen += ' ';
      if (frame->kind() == FrameKind::watching) seen += "watching";
      if (frame->kind() == FrameKind::reset) seen += "reset:";
      if (frame->kind() == FrameKind::ephemeral) seen += "presence:";
      if (frame->kind() != FrameKind::watching) seen += frame->channel().key + std::to_string(frame->seq());
      last = frame;
    }
    return outcome;
  }
  void start(domain::Seq a, domain::Seq b, domain::Seq c) {
    see(subscriber.started("e", a, false, 0));
    see(subscriber.started("e", b, false, 1));
    see(subscriber.started("e", c, false, 2));
  }
  void announce(const char* key, domain::Seq first, domain::Seq last_seq) {
    see(subscriber.announced(updates(key, first, last_seq)));
  }
  void ready() { see(subscriber.ready()); }
  void answer(const char* key, domain::Seq head) {
    const auto request = *std::exchange(read, std::nullopt);
    Page page{request.id, request.last, head, PageSource::cache, updates(key, request.first, request.last)};
    see(subscriber.page(page, request.slot));
  }
  std::string take_seen() { return std::exchange(seen, {}); }

  DeliveryFigures metrics;
  Subscriber subscriber{watch(), kNode, adapters::json_frames(), metrics};
  std::string seen;
  FramePtr last;
  std::optional<PageRequest> read;
};

TEST_F(MergedWatch, SayWatchingOnceAllHaveStarted) {
  ready();
  see(subscriber.started("e", 0, false, 0));
  see(subscriber.started("e", 0, false, 2));
  announce("a", 1, 1);
  EXPECT_EQ(seen, "");
  see(subscriber.started("e", 0, false, 1));
  EXPECT_EQ(seen, "watching a1");
}

TEST_F(MergedWatch, WatchingTellsChannelsAndTheMergedCursor) {
  start(0, 0, 0);
  ready();
  EXPECT_EQ(last->json(), R"({"type":"watching","payload":{"channels":["user:a","user:b","user:c"],)"
                          R"("cursor":"e:user:a=0,user:b=0,user:c=0","node":"node-1"}})");
  const auto& position = std::get<Watching>(last->content()).position;
  EXPECT_EQ(std::get<MergedPosition>(position).cursor.to_string(), "e:user:a=0,user:b=0,user:c=0");
}

TEST_F(MergedWatch, ABusyChannelGivesTheOthersTheirTurn) {
  start(0, 0, 0);
  ready();
  announce("a", 1, 16);
  announce("b", 1, 2);
  take_seen();
  ready();
  EXPECT_EQ(take_seen(), "a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16");
  announce("a", 17, 32);
  ready();
  EXPECT_EQ(take_seen().substr(0, 8), "b1 b2 a1");
}

TEST_F(MergedWatch, WhatOneChannelMissesDoesNotHoldUpTheOthers) {
  start(5, 0, 0);
  ready();
  announce("b", 1, 1);
  ready();  // b1 goes out, and the page of a is asked for
  EXPECT_EQ(take_seen(), "watching b1");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->slot, 0);
  answer("a", 5);  // the transport is busy: the page waits
  EXPECT_EQ(take_seen(), "");
  announce("b", 2, 2);
  ready();
  EXPECT_EQ(take_seen(), "a1 a2 a3 a4 a5 b2");
}

TEST_F(MergedWatch, EachThatIsBehindIsReadInItsTurn) {
  start(40, 40, 0);
  ready();
  ASSERT_TRUE(read);
  std::string order;
  for (int i = 0; i < 6; ++i) {
    if (!read) ready();
    ASSERT_TRUE(read);
    order += std::to_string(read->slot);
    answer(read->slot == 0 ? "a" : "b", 40);
    ready();
  }
  EXPECT_EQ(order, "010101");
  EXPECT_EQ(metrics.watchers_live.value(), 1);
}

TEST_F(MergedWatch, AResetNamesItsChannelAndWaitsForTheWholeLog) {
  start(3, 0, 0);
  ready();
  answer("a", 3);
  ready();
  ready();
  take_seen();
  see(subscriber.restarted(1));
  see(subscriber.started("f", 7, true, 1));
  announce("a", 4, 4);
  EXPECT_EQ(take_seen(), "");  // a and c are still of the old log
  for (const Slot slot : {Slot{0}, Slot{2}}) {
    see(subscriber.restarted(slot));
    see(subscriber.started("f", 2, true, slot));
  }
  EXPECT_EQ(take_seen(), "reset:a2 reset:b7 reset:c2");
  EXPECT_EQ(last->json(), R"({"type":"reset","payload":{"channel":"user:c","channels":["user:a","user:b","user:c"],)"
                          R"("cursor":"f:user:a=2,user:b=7,user:c=2"}})");
}

TEST_F(MergedWatch, AnEphemeralFrameGoesOutLastAndOnlyTheLatest) {
  const auto presence = [](const char* key) { return tests::ephemeral(inbox(key)); };
  see(subscriber.announced(FrameBatch{presence("a")}));  // before the start: nobody wants it
  start(0, 0, 0);
  ready();
  const auto first = presence("b"), second = presence("b");
  see(subscriber.announced(FrameBatch{first}));
  see(subscriber.announced(FrameBatch{second}));
  EXPECT_TRUE(subscriber.waits_for_transport());
  announce("c", 1, 1);
  take_seen();
  ready();
  EXPECT_FALSE(subscriber.waits_for_transport());
  EXPECT_EQ(take_seen(), "c1 presence:b0");
  EXPECT_EQ(last, second);
  ready();
  EXPECT_EQ(take_seen(), "");
}

TEST_F(MergedWatch, AnEphemeralFrameWaitsWhileUpdatesAreMissing) {
  start(0, 0, 0);
  ready();
  ready();
  announce("a", 2, 2);
  see(subscriber.announced(FrameBatch{tests::ephemeral(inbox("b"))}));
  EXPECT_EQ(take_seen(), "watching");
  answer("a", 2);
  EXPECT_EQ(take_seen(), "a1 a2 presence:b0");
}

TEST_F(MergedWatch, MissedNamesItsChannel) {
  auto wanted = watch();
  wanted.delivery = usecase::Delivery::latest;
  Subscriber latest{wanted, kNode, adapters::json_frames(), metrics};
  for (const Slot slot : {Slot{0}, Slot{1}, Slot{2}}) see(latest.started("e", 0, false, slot));
  see(latest.ready());
  see(latest.announced(updates("b", 1, 17)));
  const auto outcome = latest.ready();
  EXPECT_EQ(outcome.deliver.at(0)->json(),
            R"({"type":"updates-missed","payload":{"channel":"user:b","fromSeq":1,"toSeq":1}})");
}

}  // namespace
}  // namespace danwa::delivery
