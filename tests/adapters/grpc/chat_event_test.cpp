#include "adapters/grpc/chat_endpoint.hpp"

#include <gtest/gtest.h>

#include "support/frames.hpp"

namespace danwa::adapters::rpc {
namespace {

using namespace domain;

const ChannelKey kRoom = ChannelKey::conversation(CompanyId::trusted("acme"), ConversationKey::trusted("room"));
const CommentId kId{*Uuid::parse("018f0000-0000-7000-8000-000000000001")};
constexpr Timestamp kTime{std::chrono::milliseconds{1}};
const UserId kAnn = UserId::trusted("ann");

delivery::FramePtr frame_of(UpdateBody body, Seq seq = 7) {
  return tests::encode_update({kRoom, seq, kTime, std::move(body)});
}

TEST(ChatEvent, TellsACommentAndWhereToGoOn) {
  Cursor position{"e1", 6};
  const auto event =
      to_event(frame_of(CommentAdded{kId, kAnn, CommentContent::trusted("two\nlines"), "ref"})->content(), position);
  EXPECT_EQ(event.kind, "comment-added");
  EXPECT_EQ(event.message, "two\nlines");
  EXPECT_EQ(event.conversation_key, "room");
  EXPECT_EQ(event.author, "ann");
  EXPECT_EQ(event.seq, 7U);
  EXPECT_EQ(event.epoch, "e1");
  EXPECT_EQ(event.cursor, "e1:7");
  EXPECT_EQ(event.sent_at, "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(event.comment_id, kId.to_string());
  EXPECT_EQ(event.client_ref, "ref");
  EXPECT_TRUE(event.is_spoken());
  EXPECT_EQ(position, (Cursor{"e1", 7}));
}

TEST(ChatEvent, ARemovedTextIsGoneAndNotSpoken) {
  Cursor position{"e1", 6};
  const auto added = frame_of(CommentAdded{kId, kAnn, CommentContent::trusted("secret"), {}});
  const auto event = to_event(tests::redacted(*added)->content(), position);
  EXPECT_EQ(event.message, "");
  EXPECT_TRUE(event.redacted);
  EXPECT_FALSE(event.is_spoken());
}

TEST(ChatEvent, EditsRemovalsAndRoomsAreNotSpokenButTold) {
  Cursor position{"e1", 6};
  const auto edited = to_event(frame_of(CommentUpdated{kId, kAnn, CommentContent::trusted("x")})->content(), position);
  EXPECT_EQ(edited.kind, "comment-updated");
  EXPECT_EQ(edited.message, "x");
  EXPECT_FALSE(edited.is_spoken());
  EXPECT_FALSE(edited.redacts);
  EXPECT_TRUE(
      to_event(frame_of(CommentUpdated{kId, kAnn, CommentContent::trusted("x"), true})->content(), position).redacts);
  const auto removed = to_event(frame_of(CommentDeleted{kId, kAnn, UserId::trusted("mod")})->content(), position);
  EXPECT_EQ(removed.kind, "comment-deleted");
  EXPECT_EQ(removed.author, "ann");
  EXPECT_EQ(removed.by, "mod");
  const auto joined = to_event(frame_of(MemberAdded{{}, UserId::trusted("bob"), kAnn})->content(), position);
  EXPECT_EQ(joined.kind, "member-joined");
  EXPECT_EQ(joined.user, "bob");
  EXPECT_EQ(joined.author, "ann");
  const auto set_up = to_event(
      frame_of(ConversationUpdated{{}, ConversationTitle::trusted("T"), Visibility::restricted, kAnn})->content(),
      position);
  EXPECT_EQ(set_up.kind, "conversation-updated");
  EXPECT_EQ(set_up.title, "T");
  EXPECT_EQ(set_up.visibility, "private");
  EXPECT_EQ(set_up.author, "ann");
}

TEST(ChatEvent, WatchingAndResetSetThePosition) {
  Cursor position;
  const auto watching = to_event(tests::encode_watching(kRoom, Cursor{"e1", 4}, "node-1")->content(), position);
  EXPECT_EQ(watching.kind, "watching");
  EXPECT_EQ(watching.cursor, "e1:4");
  EXPECT_EQ(watching.node, "node-1");
  EXPECT_EQ(position, (Cursor{"e1", 4}));
  const auto reset = to_event(tests::encode_reset(kRoom, Cursor{"e2", 2})->content(), position);
  EXPECT_EQ(reset.cursor, "e2:2");
  EXPECT_EQ(reset.epoch, "e2");
  EXPECT_EQ(position, (Cursor{"e2", 2}));
}

TEST(ChatEvent, WhatWasMissedIsARange) {
  Cursor position{"e1", 4};
  const auto missed = to_event(tests::encode_missed(kRoom, 5, 20)->content(), position);
  EXPECT_EQ(missed.kind, "updates-missed");
  EXPECT_EQ(missed.from_seq, 5U);
  EXPECT_EQ(missed.seq, 20U);
  EXPECT_EQ(missed.cursor, "e1:20");
}

TEST(ChatEvent, PresenceHasNoPlaceInTheLog) {
  Cursor position{"e1", 4};
  const auto event =
      to_event(tests::encode_presence(kRoom, {.count = 2, .users = {kAnn}, .more = true})->content(), position);
  EXPECT_EQ(event.kind, "presence-changed");
  EXPECT_EQ(event.users, std::vector<std::string>{"ann"});
  EXPECT_EQ(event.user_count, 2U);
  EXPECT_EQ(event.seq, 0U);
  EXPECT_EQ(event.cursor, "");
  EXPECT_EQ(position, (Cursor{"e1", 4}));
}

}  // namespace
}  // namespace danwa::adapters::rpc
