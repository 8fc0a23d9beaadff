#include "usecase/delivery/peer_bus.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "support/frames.hpp"
#include "usecase/delivery/bus_envelope.hpp"

namespace danwa::delivery {
namespace {

BusEventPtr event(domain::Seq seq, const std::string& room = "room", std::size_t size = 20) {
  const domain::ChannelKey channel{domain::CompanyId::trusted("demo"), domain::ChannelKind::conversation, room};
  return BusEvent::of(*tests::sized_frame(channel, seq, size), "db");
}

/// What a peer reads out of a batch.
struct Got {
  std::vector<std::uint64_t> seqs;   // of envelopes that are events
  std::vector<domain::Seq> updates;  // their updates
  std::set<std::string> marks;       // keys of channels
  bool mark_all = false;
};

Got read(const RelayQueue::Batch& batch) {
  Got got;
  EnvelopeReader reader{batch.bytes};
  while (const auto envelope = reader.next()) {
    const auto message = decode(*envelope).value();
    if (const auto* mark = std::get_if<CheckLog>(&message)) {
      if (mark->channel) got.marks.insert(mark->channel->key);
      got.mark_all = got.mark_all || !mark->channel;
    } else {
      got.seqs.push_back(envelope->seq);
      got.updates.push_back(std::get<LoggedUpdate>(message).update.seq);
    }
  }
  EXPECT_FALSE(reader.malformed());
  return got;
}

/// A queue whose first mark has been sent and acknowledged.
RelayQueue started(RelayLimits limits = {}) {
  RelayQueue queue{limits};
  queue.acknowledge(queue.take()->number);
  return queue;
}

TEST(RelayQueue, StartsWithTheMarkForAllChannels) {
  RelayQueue queue;
  const auto batch = queue.take();
  ASSERT_TRUE(batch);
  EXPECT_TRUE(read(*batch).mark_all);
  EXPECT_EQ(batch->events, 0U);
  EXPECT_FALSE(queue.take());
}

TEST(RelayQueue, SendsEventsInOrderInBatchesOf64) {
  auto queue = started();
  for (domain::Seq seq = 1; seq <= 100; ++seq) queue.push(event(seq));
  EXPECT_TRUE(queue.full_batch());
  const auto first = read(*queue.take());
  const auto second = read(*queue.take());
  ASSERT_EQ(first.updates.size(), 64U);
  ASSERT_EQ(second.updates.size(), 36U);
  EXPECT_EQ(first.updates.front(), 1U);
  EXPECT_EQ(second.updates.back(), 100U);
  EXPECT_EQ(second.seqs.back(), 100U);
  EXPECT_FALSE(queue.take());
}

TEST(RelayQueue, KeepsBatchesWithin64KiBUnlessOneEventIsLarger) {
  auto queue = started();
  for (domain::Seq seq = 1; seq <= 5; ++seq) queue.push(event(seq, "room", 30'000));
  queue.push(event(6, "room", 100'000));
  std::vector<std::size_t> sizes;
  while (const auto batch = queue.take()) {
    sizes.push_back(batch->events);
    EXPECT_TRUE(batch->bytes.size() <= 64 * 1024 || batch->events == 1);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2, 1, 1}));
}

TEST(RelayQueue, StopsWhenTheCreditIsUsedUpAndGoesOnWithAcknowledgements) {
  auto queue = started({.credit = 100});
  for (domain::Seq seq = 1; seq <= 200; ++seq) queue.push(event(seq));
  const auto first = queue.take();
  const auto second = queue.take();
  EXPECT_EQ(first->events + second->events, 100U);
  EXPECT_FALSE(queue.take());
  EXPECT_TRUE(queue.starved());
  EXPECT_TRUE(queue.acknowledge(first->number));
  EXPECT_FALSE(queue.starved());
  EXPECT_EQ(queue.take()->events, 64U);
}

TEST(RelayQueue, RefusesAcknowledgementsOfWhatWasNotSent) {
  auto queue = started();
  EXPECT_FALSE(queue.acknowledge(1));
  queue.push(event(1));
  const auto batch = queue.take();
  EXPECT_FALSE(queue.acknowledge(batch->number + 1));
  EXPECT_FALSE(queue.acknowledge(0));
  EXPECT_TRUE(queue.acknowledge(batch->number));
  EXPECT_FALSE(queue.acknowledge(batch->number));
}

TEST(RelayQueue, DropsTheOldestAndTellsWhichChannelLostSomething) {
  auto queue = started({.queue = 3});
  queue.push(event(1, "a"));
  queue.push(event(1, "b"));
  for (domain::Seq seq = 2; seq <= 4; ++seq) queue.push(event(seq, "c"));
  EXPECT_EQ(queue.dropped(), 2U);
  const auto got = read(*queue.take());
  EXPECT_EQ(got.marks, (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(got.updates, (std::vector<domain::Seq>{2, 3, 4}));
  EXPECT_EQ(got.seqs, (std::vector<std::uint64_t>{3, 4, 5}));  // the gap shows
}

TEST(RelayQueue, MarksAgainWhatIsDroppedAfterItsMarkWasSent) {
  auto queue = started({.queue = 1});
  queue.push(event(1, "a"));
  queue.push(event(2, "a"));
  EXPECT_EQ(read(*queue.take()).marks.size(), 1U);
  queue.push(event(3, "a"));
  EXPECT_TRUE(read(*queue.take()).marks.empty());
  queue.push(event(4, "a"));
  queue.push(event(5, "a"));
  EXPECT_EQ(read(*queue.take()).marks.size(), 1U);
}

TEST(RelayQueue, MarksAllChannelsWhenTooManyLostSomething) {
  auto queue = started({.queue = 1, .marks = 10});
  for (int i = 0; i < 12; ++i) queue.push(event(1, "room" + std::to_string(i)));
  const auto got = read(*queue.take());
  EXPECT_TRUE(got.mark_all);
  EXPECT_TRUE(got.marks.empty());
}

TEST(RelayQueue, CountsWhatIsInFlightTowardsItsEightMebibytes) {
  auto queue = started();
  std::size_t sent = 0;
  for (domain::Seq seq = 1; seq <= 2'000; ++seq) {
    queue.push(event(seq, "room", 30'000));
    const auto batch = seq % 3 == 0 ? queue.take() : std::nullopt;
    sent += batch ? batch->events : 0;
    EXPECT_LE(queue.bytes(), 8U * 1024 * 1024);
  }
  EXPECT_GT(queue.bytes(), 7U * 1024 * 1024);
  EXPECT_EQ(queue.dropped() + queue.queued() + sent, 2'000U);
}

TEST(RelayQueue, DropsAnEventThatNoEnvelopeHolds) {
  auto queue = started();
  queue.push(event(1, "a", 2 * kMaxEnvelopeText));
  EXPECT_EQ(queue.dropped(), 1U);
  EXPECT_EQ(read(*queue.take()).marks.size(), 1U);
}

/// Any mix of pushes, sends and acknowledgements: the bounds hold, the order stays, and every event is
/// received or covered by a mark that comes after it was pushed.
TEST(RelayQueue, LosesNothingWithoutAMark) {
  EXPECT_TRUE(rc::check("no silent loss", [] {
    RelayLimits limits;
    limits.credit = *rc::gen::inRange<std::size_t>(1, 20);
    limits.queue = *rc::gen::inRange<std::size_t>(0, 10);
    limits.bytes = *rc::gen::inRange<std::size_t>(200, 5'000);
    limits.batch_events = *rc::gen::inRange<std::size_t>(1, 8);
    limits.marks = *rc::gen::inRange<std::size_t>(1, 4);
    auto queue = started(limits);
    std::map<std::string, domain::Seq> heads;
    std::map<std::string, std::set<domain::Seq>> missing;
    std::deque<std::uint64_t> unacknowledged;
    std::uint64_t last_seq = 0;
    const auto receive = [&] {
      const auto batch = queue.take();
      if (!batch) return;
      unacknowledged.push_back(batch->number);
      EnvelopeReader reader{batch->bytes};
      while (const auto envelope = reader.next()) {
        const auto message = decode(*envelope).value();
        if (const auto* mark = std::get_if<CheckLog>(&message)) {
          // A look at the log shows all that was pushed so far.
          if (mark->channel) missing[mark->channel->key].clear();
          if (!mark->channel) missing.clear();
        } else {
          RC_ASSERT(envelope->seq > last_seq);
          last_seq = envelope->seq;
          const auto& update = std::get<LoggedUpdate>(message).update;
          missing[update.channel.key].erase(update.seq);
        }
      }
      RC_ASSERT(!reader.malformed());
    };
    const auto steps = *rc::gen::inRange(1, 120);
    for (int step = 0; step < steps; ++step) {
      const auto act = *rc::gen::inRange(0, 4);
      if (act <= 1) {
        const std::string room(1, static_cast<char>('a' + *rc::gen::inRange(0, 6)));
        const auto seq = ++heads[room];
        missing[room].insert(seq);
        queue.push(event(seq, room, *rc::gen::inRange<std::size_t>(1, 300)));
      } else if (act == 2) {
        receive();
      } else if (!unacknowledged.empty()) {
        RC_ASSERT(queue.acknowledge(unacknowledged.front()));
        unacknowledged.pop_front();
      }
      RC_ASSERT(queue.queued() <= limits.queue);
      RC_ASSERT(queue.in_flight() <= limits.credit);
    }
    for (int i = 0; i < 300; ++i) {
      receive();
      if (!unacknowledged.empty()) {
        RC_ASSERT(queue.acknowledge(unacknowledged.back()));
      }
      unacknowledged.clear();
    }
    for (const auto& [room, seqs] : missing) {
      RC_ASSERT(seqs.empty());
    }
    RC_ASSERT(queue.bytes() == 0U);
  }));
}

}  // namespace
}  // namespace danwa::delivery
