#include "usecase/delivery/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/frames.hpp"

namespace danwa::delivery {
namespace {

using namespace domain;
using nlohmann::json;

const ChannelKey kRoom = ChannelKey::conversation(CompanyId::trusted("acme"), ConversationKey::trusted("a \"room\""));
const CommentId kId{*Uuid::parse("018f0000-0000-7000-8000-000000000001")};
constexpr Timestamp kTime{std::chrono::milliseconds{1}};

FramePtr comment_frame(const std::string& text, std::optional<std::string> ref = {}) {
  return tests::encode_update(
      {kRoom, 7, kTime, CommentAdded{kId, UserId::trusted("ann"), CommentContent::trusted(text), std::move(ref)}});
}

TEST(Frame, ShowsACommentAsTheContractSays) {
  const auto frame = json::parse(comment_frame("two\nlines", "ref")->json());
  EXPECT_EQ(frame["type"], "comment-added");
  const json payload = frame["payload"];
  EXPECT_EQ(payload, (json{{"commentId", kId.to_string()},
                           {"commentContent", "two\nlines"},
                           {"authorId", "ann"},
                           {"clientRef", "ref"},
                           {"conversationKey", "a \"room\""},
                           {"seq", 7},
                           {"occurredAt", "1970-01-01T00:00:00.001Z"}}));
}

TEST(Frame, ShowsEditsRemovalsAndControlFrames) {
  const auto updated = tests::encode_update(
      {kRoom, 8, kTime, CommentUpdated{kId, UserId::trusted("ann"), CommentContent::trusted("x")}});
  EXPECT_EQ(json::parse(updated->json())["type"], "comment-updated");
  const auto deleted =
      tests::encode_update({kRoom, 9, kTime, CommentDeleted{kId, UserId::trusted("ann"), UserId::trusted("mod")}});
  EXPECT_EQ(json::parse(deleted->json())["type"], "comment-deleted");
  EXPECT_TRUE(deleted->takes_text());
  EXPECT_EQ(json::parse(deleted->json())["payload"]["authorId"], "ann");
  EXPECT_EQ(json::parse(deleted->json())["payload"]["byUserId"], "mod");
  EXPECT_EQ(json::parse(tests::encode_watching(kRoom, {"e1", 9}, "node-1")->json())["payload"]["cursor"], "e1:9");
  EXPECT_EQ(json::parse(tests::encode_missed(kRoom, 2, 5)->json())["payload"]["toSeq"], 5);
  EXPECT_EQ(json::parse(tests::encode_reset(kRoom, {"e1", 9})->json())["type"], "reset");
}

/// The order of the members is part of what clients have seen so far.
TEST(Frame, WritesEveryKindOfUpdateAsBefore) {
  const auto ann = UserId::trusted("ann"), bob = UserId::trusted("bob");
  const auto closed = ConversationUpdated{{}, std::nullopt, Visibility::restricted, ann};
  const auto named = ConversationUpdated{{}, ConversationTitle::trusted("T"), Visibility::open, ann};
  const std::string end = R"("conversationKey":"a \"room\"","seq":7,"occurredAt":"1970-01-01T00:00:00.001Z"}})";
  const std::string id = R"("commentId":"018f0000-0000-7000-8000-000000000001",)";
  const std::vector<std::pair<UpdateBody, std::string>> all{
      {CommentAdded{kId, ann, CommentContent::trusted("x"), "r"},
       R"("comment-added","payload":{)" + id + R"("commentContent":"x","authorId":"ann","clientRef":"r",)"},
      {CommentUpdated{kId, ann, std::nullopt, true},
       R"("comment-updated","payload":{)" + id +
           R"("commentContent":null,"redacted":true,"redacts":true,"authorId":"ann",)"},
      {CommentDeleted{kId, ann, bob},
       R"("comment-deleted","payload":{)" + id + R"("authorId":"ann","byUserId":"bob",)"},
      {MemberAdded{{}, bob, ann}, R"("member-joined","payload":{"userId":"bob","byUserId":"ann",)"},
      {MemberRemoved{{}, bob, ann}, R"("member-left","payload":{"userId":"bob","byUserId":"ann",)"},
      {closed, R"("conversation-updated","payload":{"visibility":"private","title":null,"byUserId":"ann",)"},
      {named, R"("conversation-updated","payload":{"visibility":"open","title":"T","byUserId":"ann",)"}};
  for (const auto& [body, start] : all) {
    EXPECT_EQ(tests::encode_update({kRoom, 7, kTime, body})->json(), R"({"type":)" + start + end);
  }
  const NotificationAdded note{NotificationId{kId.value}, ann, NotificationText::trusted("hi")};
  const auto inbox = ChannelKey::inbox(CompanyId::trusted("acme"), UserId::trusted("b b"));
  EXPECT_EQ(tests::encode_update({inbox, 7, Timestamp{std::chrono::milliseconds{5'999}}, note})->json(),
            R"({"type":"notification","payload":{"notificationId":"018f0000-0000-7000-8000-000000000001",)"
            R"("text":"hi","senderId":"ann","to":{"user":"b b"},"channel":"user:b%20b","seq":7,)"
            R"("occurredAt":"1970-01-01T00:00:05.999Z","timestamp":5}})");
}

TEST(Frame, WritesControlFramesAndPresenceAsBefore) {
  const auto inbox = ChannelKey::inbox(CompanyId::trusted("acme"), UserId::trusted("bob"));
  const std::string room = R"("payload":{"conversationKey":"a \"room\"",)";
  EXPECT_EQ(tests::encode_watching(kRoom, Cursor{"e1", 9}, "n")->json(),
            R"({"type":"watching",)" + room + R"("cursor":"e1:9","node":"n"}})");
  EXPECT_EQ(tests::encode_missed(kRoom, 2, 5)->json(),
            R"({"type":"updates-missed",)" + room + R"("fromSeq":2,"toSeq":5}})");
  EXPECT_EQ(tests::encode_missed(inbox, 2, 5)->json(),
            R"({"type":"updates-missed","payload":{"channel":"user:bob","fromSeq":2,"toSeq":5}})");
  EXPECT_EQ(tests::encode_reset(kRoom, Cursor{"e1", 9})->json(), R"({"type":"reset",)" + room + R"("cursor":"e1:9"}})");
  EXPECT_EQ(tests::encode_presence(kRoom, {3, {UserId::trusted("ann"), UserId::trusted("bob")}, true})->json(),
            R"({"type":"presence-changed",)" + room + R"("count":3,"users":["ann","bob"]}})");
}

TEST(Frame, LosesWhatItsSenderSaidAndNothingElse) {
  const std::string tricky = R"(,"clientRef":"x",\")";
  const auto whole = tests::encode_update(
      {kRoom, 7, kTime,
       CommentAdded{kId, UserId::trusted(",\"clientRef\":\"ann"), CommentContent::trusted(tricky), tricky}});
  auto expected = json::parse(whole->json());
  expected["payload"]["commentContent"] = nullptr;
  expected["payload"]["redacted"] = true;
  expected["payload"].erase("clientRef");
  EXPECT_EQ(json::parse(tests::redacted(*whole)->json()), expected);
}

TEST(Frame, OfARedactingEditTellsSoAlsoWhenItsOwnTextIsGone) {
  const auto edit = tests::encode_update(
      {kRoom, 8, kTime, CommentUpdated{kId, UserId::trusted("ann"), CommentContent::trusted("x"), true}});
  EXPECT_EQ(json::parse(edit->json())["payload"]["redacts"], true);
  const auto gone = tests::redacted(*edit);
  EXPECT_TRUE(gone->takes_text());
  auto payload = json::parse(gone->json())["payload"];
  EXPECT_EQ(payload["redacts"], true);
  EXPECT_EQ(payload["redacted"], true);
  EXPECT_TRUE(payload["commentContent"].is_null());
  const auto plain = tests::encode_update(
      {kRoom, 8, kTime, CommentUpdated{kId, UserId::trusted("ann"), CommentContent::trusted("x")}});
  EXPECT_FALSE(json::parse(plain->json())["payload"].contains("redacts"));
}

TEST(Frame, StartsWithTheHeaderOfItsLength) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{60000}, std::size_t{70000}}) {
    const auto frame = comment_frame(std::string(size, 'x'));
    const auto bytes = frame->websocket_frame();
    const auto length = frame->json().size();
    EXPECT_EQ(static_cast<unsigned char>(bytes[0]), 0x81);
    const auto second = static_cast<unsigned char>(bytes[1]);
    EXPECT_EQ(second, length <= 0xFFFF ? 126 : 127);
    EXPECT_EQ(bytes.size(), length + (length <= 0xFFFF ? 4 : 10));
  }
  EXPECT_EQ(tests::raw_frame(kRoom, 1, "{}")->websocket_frame(), std::string_view("\x81\x02{}"));
}

TEST(Frame, IsShownWithoutItsTextOnceRedacted) {
  const FramePtr frame = comment_frame("a \"secret\"\\ with } braces");
  EXPECT_EQ(Frame::current(frame), frame);
  frame->redact();
  const FramePtr shown_first = Frame::current(frame);
  frame->redact();  // the first call counts
  EXPECT_EQ(Frame::current(frame), shown_first);
  const auto shown = json::parse(Frame::current(frame)->json());
  EXPECT_TRUE(shown["payload"]["commentContent"].is_null());
  EXPECT_EQ(shown["payload"]["redacted"], true);
  EXPECT_EQ(shown["payload"]["seq"], 7);
  EXPECT_EQ(shown["payload"]["authorId"], "ann");
}

TEST(Frame, RedactedEqualsTheEncodingOfARedactedUpdate) {
  const auto redacted = tests::redacted(*comment_frame("text"));
  const auto expected =
      tests::encode_update({kRoom, 7, kTime, CommentAdded{kId, UserId::trusted("ann"), std::nullopt, std::nullopt}});
  EXPECT_EQ(redacted->json(), expected->json());
  EXPECT_EQ(tests::redacted(*expected)->json(), expected->json());
}

TEST(Frame, LosesTheClientRefWithTheText) {
  for (const char* mark : {"mark", "a \",\"clientRef\":\"b", "\\"}) {
    const auto frame = tests::encode_update(
        {kRoom, 7, kTime,
         CommentAdded{kId, UserId::trusted("ann"), CommentContent::trusted(",\"clientRef\":\"x\""), mark}});
    ASSERT_EQ(json::parse(frame->json())["payload"]["clientRef"], mark);
    EXPECT_EQ(
        tests::redacted(*frame)->json(),
        tests::encode_update({kRoom, 7, kTime, CommentAdded{kId, UserId::trusted("ann"), std::nullopt, std::nullopt}})
            ->json());
  }
}

RC_GTEST_PROP(Frame, KeepsAnyTextAndLosesAllOfItWhenRedacted, ()) {
  const auto pieces = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "\"", "\\", "\n", "\x01", "{", "}", ",\"commentContent\":\"", "\xC3\xA9",
                                    "\xE8\xA9\xB1", "\xF0\x9F\x98\x80")));
  std::string text;
  for (const auto& piece : pieces) text += piece;
  const FramePtr frame = comment_frame(text);
  RC_ASSERT(json::parse(frame->json())["payload"]["commentContent"] == text);
  RC_ASSERT(json::parse(tests::redacted(*frame)->json())["payload"]["commentContent"].is_null());
}

}  // namespace
}  // namespace danwa::delivery
