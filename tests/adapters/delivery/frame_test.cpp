#include "adapters/delivery/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace danwa::adapters {
namespace {

using namespace domain;
using nlohmann::json;

const ChannelKey kRoom = ChannelKey::conversation(CompanyId::trusted("acme"), ConversationKey::trusted("a \"room\""));
const CommentId kId{*Uuid::parse("018f0000-0000-7000-8000-000000000001")};
constexpr Timestamp kTime{std::chrono::milliseconds{1}};

FramePtr comment_frame(const std::string& text, std::optional<std::string> ref = {}) {
  return encode_update(
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
  const auto updated =
      encode_update({kRoom, 8, kTime, CommentUpdated{kId, UserId::trusted("ann"), CommentContent::trusted("x")}});
  EXPECT_EQ(json::parse(updated->json())["type"], "comment-updated");
  const auto deleted =
      encode_update({kRoom, 9, kTime, CommentDeleted{kId, UserId::trusted("ann"), UserId::trusted("mod")}});
  EXPECT_EQ(json::parse(deleted->json())["type"], "comment-deleted");
  EXPECT_TRUE(deleted->deletes());
  EXPECT_EQ(json::parse(deleted->json())["payload"]["authorId"], "ann");
  EXPECT_EQ(json::parse(deleted->json())["payload"]["byUserId"], "mod");
  EXPECT_EQ(json::parse(encode_watching(kRoom, {"e1", 9}, "node-1")->json())["payload"]["cursor"], "e1:9");
  EXPECT_EQ(json::parse(encode_missed(kRoom, 2, 5)->json())["payload"]["toSeq"], 5);
  EXPECT_EQ(json::parse(encode_reset(kRoom, {"e1", 9})->json())["type"], "reset");
}

TEST(Frame, LosesWhatItsSenderSaidAndNothingElse) {
  const std::string tricky = R"(,"clientRef":"x",\")";
  const auto whole = encode_update(
      {kRoom, 7, kTime,
       CommentAdded{kId, UserId::trusted(",\"clientRef\":\"ann"), CommentContent::trusted(tricky), tricky}});
  auto expected = json::parse(whole->json());
  expected["payload"]["commentContent"] = nullptr;
  expected["payload"]["redacted"] = true;
  expected["payload"].erase("clientRef");
  EXPECT_EQ(json::parse(encode_redacted(*whole)->json()), expected);
}

TEST(Frame, OfARedactingEditTellsSoAlsoWhenItsOwnTextIsGone) {
  const auto edit =
      encode_update({kRoom, 8, kTime, CommentUpdated{kId, UserId::trusted("ann"), CommentContent::trusted("x"), true}});
  EXPECT_EQ(json::parse(edit->json())["payload"]["redacts"], true);
  const auto gone = encode_redacted(*edit);
  EXPECT_TRUE(gone->redacts());
  auto payload = json::parse(gone->json())["payload"];
  EXPECT_EQ(payload["redacts"], true);
  EXPECT_EQ(payload["redacted"], true);
  EXPECT_TRUE(payload["commentContent"].is_null());
  const auto plain =
      encode_update({kRoom, 8, kTime, CommentUpdated{kId, UserId::trusted("ann"), CommentContent::trusted("x")}});
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
  const Frame small{{FrameKind::ephemeral, kRoom, 0, std::nullopt, false}, "{}"};
  EXPECT_EQ(small.websocket_frame(), std::string_view("\x81\x02{}"));
}

TEST(Frame, IsShownWithoutItsTextOnceRedacted) {
  const FramePtr frame = comment_frame("a \"secret\"\\ with } braces");
  EXPECT_EQ(Frame::current(frame), frame);
  frame->redact(encode_redacted(*frame));
  frame->redact(nullptr);  // the first call counts
  const auto shown = json::parse(Frame::current(frame)->json());
  EXPECT_TRUE(shown["payload"]["commentContent"].is_null());
  EXPECT_EQ(shown["payload"]["redacted"], true);
  EXPECT_EQ(shown["payload"]["seq"], 7);
  EXPECT_EQ(shown["payload"]["authorId"], "ann");
}

TEST(Frame, RedactedEqualsTheEncodingOfARedactedUpdate) {
  const auto redacted = encode_redacted(*comment_frame("text"));
  const auto expected =
      encode_update({kRoom, 7, kTime, CommentAdded{kId, UserId::trusted("ann"), std::nullopt, std::nullopt}});
  EXPECT_EQ(redacted->json(), expected->json());
  EXPECT_EQ(encode_redacted(*expected)->json(), expected->json());
}

TEST(Frame, LosesTheClientRefWithTheText) {
  for (const char* mark : {"mark", "a \",\"clientRef\":\"b", "\\"}) {
    const auto frame = encode_update(
        {kRoom, 7, kTime,
         CommentAdded{kId, UserId::trusted("ann"), CommentContent::trusted(",\"clientRef\":\"x\""), mark}});
    ASSERT_EQ(json::parse(frame->json())["payload"]["clientRef"], mark);
    EXPECT_EQ(encode_redacted(*frame)->json(),
              encode_update({kRoom, 7, kTime, CommentAdded{kId, UserId::trusted("ann"), std::nullopt, std::nullopt}})
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
  RC_ASSERT(json::parse(encode_redacted(*frame)->json())["payload"]["commentContent"].is_null());
}

}  // namespace
}  // namespace danwa::adapters
