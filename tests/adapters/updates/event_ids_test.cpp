#include "adapters/updates/event_stream.hpp"

#include <gtest/gtest.h>

#include "support/frames.hpp"

namespace danwa::adapters::sse {
namespace {

domain::ChannelKey inbox(const char* key) {
  return domain::ChannelKey::inbox(domain::CompanyId::trusted("demo"), domain::UserId::trusted(key));
}

delivery::FramePtr frame(delivery::FrameKind kind, const char* key, domain::Seq seq) {
  if (kind == delivery::FrameKind::missed) return tests::encode_missed(inbox(key), 1, seq);
  return kind == delivery::FrameKind::update ? tests::raw_frame(inbox(key), seq, "{}") : tests::ephemeral(inbox(key));
}

delivery::FramePtr watching(domain::Seq a, domain::Seq b) {
  delivery::MergedPosition position{{"user:b", "user:a"}, {}};
  position.cursor.epoch = "e7";
  position.cursor.seqs = {{"user:a", a}, {"user:b", b}};
  return tests::encode_watching(inbox("b"), position, "n");
}

std::string line(EventIds& ids, const delivery::FramePtr& of) {
  std::string out;
  ids.append_line(out, *of);
  return out;
}

TEST(EventIds, AreTheWholeMergedCursorAfterEachEvent) {
  EventIds ids;
  EXPECT_EQ(line(ids, watching(3, 0)), "id: e7:user:a=3,user:b=0\n");
  EXPECT_EQ(line(ids, frame(delivery::FrameKind::update, "b", 1)), "id: e7:user:a=3,user:b=1\n");
  EXPECT_EQ(line(ids, frame(delivery::FrameKind::update, "a", 4)), "id: e7:user:a=4,user:b=1\n");
}

TEST(EventIds, CountWhatWasMissedAndLeaveTheRestAsItWas) {
  EventIds ids;
  line(ids, watching(3, 0));
  EXPECT_EQ(line(ids, frame(delivery::FrameKind::missed, "a", 9)), "");
  EXPECT_EQ(line(ids, frame(delivery::FrameKind::ephemeral, "b", 0)), "");
  EXPECT_EQ(line(ids, frame(delivery::FrameKind::update, "b", 1)), "id: e7:user:a=9,user:b=1\n");
}

TEST(EventIds, StartAgainBehindTheLastEventThatWasBegun) {
  EventIds ids;
  const auto first = watching(0, 0), a = frame(delivery::FrameKind::update, "a", 1),
             b = frame(delivery::FrameKind::update, "b", 1);
  for (const auto& each : {first, a, b}) line(ids, each);
  ids.begun(*first);
  ids.rewind();
  EXPECT_EQ(line(ids, a), "id: e7:user:a=1,user:b=0\n");
  EXPECT_EQ(line(ids, b), "id: e7:user:a=1,user:b=1\n");
  ids.begun(*a);
  ids.rewind();
  EXPECT_EQ(line(ids, b), "id: e7:user:a=1,user:b=1\n");
}

TEST(EventIds, LearnANewCursorFromAReset) {
  EventIds ids;
  line(ids, watching(3, 5));
  delivery::MergedPosition position{{"user:a", "user:b"}, {}};
  position.cursor.epoch = "e8";
  position.cursor.seqs = {{"user:a", 1}, {"user:b", 2}};
  EXPECT_EQ(line(ids, tests::encode_reset(inbox("a"), position)), "");
  EXPECT_EQ(line(ids, frame(delivery::FrameKind::update, "a", 2)), "id: e8:user:a=2,user:b=2\n");
}

TEST(EventIds, AreEpochAndSeqOfOneChannel) {
  EventIds ids;
  const domain::ChannelKey room{domain::CompanyId::trusted("demo"), domain::ChannelKind::conversation, "room"};
  EXPECT_EQ(line(ids, tests::encode_watching(room, {"e1", 4}, "n")), "id: e1:4\n");
  ids.rewind();
  EXPECT_EQ(line(ids, frame(delivery::FrameKind::update, "a", 5)), "id: e1:5\n");
}

}  // namespace
}  // namespace danwa::adapters::sse
