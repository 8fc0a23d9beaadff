#include "adapters/delivery/bus_envelope.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace danwa::adapters {
namespace {

using domain::ChannelKey;
using domain::ChannelKind;

ChannelKey channel(std::string key = "room:1 ü") {
  return ChannelKey{domain::CompanyId::trusted("demo"), ChannelKind::conversation, std::move(key)};
}

domain::CommentId comment() { return {*domain::Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057")}; }

FramePtr frame(domain::Seq seq = 7, bool deletes = false) {
  Frame::Meta meta{FrameKind::update, channel(), seq, comment(), deletes};
  meta.epoch = "e1";
  return std::make_shared<const Frame>(meta, R"({"type":"comment-added","payload":{"seq":7}})");
}

std::string batch_of(const Frame& sent, std::uint64_t seq = 1) {
  std::string batch;
  append_envelope(batch, seq, encode_body(sent, "db"));
  return batch;
}

/// One envelope's channel and payload, decoded.
std::optional<BusMessage> decode(std::string_view channel_text, std::string_view payload) {
  return adapters::decode(Envelope{kEnvelopeVersion, 1, channel_text, payload, "db", "e1"});
}

TEST(BusEnvelope, BringsAFrameBackAsItWas) {
  const auto sent = frame(7, true);
  const auto batch = batch_of(*sent, 42);
  EnvelopeReader reader{batch};
  const auto envelope = reader.next();
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->seq, 42U);
  EXPECT_EQ(envelope->database, "db");
  const auto message = adapters::decode(*envelope);
  ASSERT_TRUE(message);
  const auto& got = std::get<FramePtr>(*message);
  EXPECT_EQ(got->websocket_frame(), sent->websocket_frame());
  EXPECT_EQ(got->channel(), sent->channel());
  EXPECT_EQ(got->seq(), 7U);
  EXPECT_EQ(got->epoch(), "e1");
  EXPECT_EQ(got->comment(), sent->comment());
  EXPECT_TRUE(got->deletes());
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.malformed());
}

TEST(BusEnvelope, TellsWhatAFrameDoesToEarlierTexts) {
  for (const bool redacts : {true, false}) {
    Frame::Meta meta{FrameKind::update, channel(), 7, comment(), !redacts};
    meta.redacts = redacts;
    meta.epoch = "e1";
    const auto batch = batch_of(Frame{meta, R"({"type":"x"})"});
    const auto message = adapters::decode(*EnvelopeReader{batch}.next());
    ASSERT_TRUE(message);
    const auto& got = std::get<FramePtr>(*message);
    EXPECT_EQ(got->redacts(), redacts);
    EXPECT_EQ(got->deletes(), !redacts);
    EXPECT_TRUE(got->takes_text());
  }
  EXPECT_FALSE(decode(channel().to_string(), "1 update 7 - redact\n{}"));
}

TEST(BusEnvelope, BringsAnEphemeralFrameBack) {
  const Frame sent{Frame::Meta{FrameKind::ephemeral, channel(), 0, std::nullopt, false}, R"({"type":"typing"})"};
  const auto batch = batch_of(sent);
  const auto message = adapters::decode(*EnvelopeReader{batch}.next());
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<FramePtr>(*message)->kind(), FrameKind::ephemeral);
}

TEST(BusEnvelope, BringsMarksBack) {
  std::string batch;
  append_envelope(batch, 0, encode_mark("", ""));
  append_envelope(batch, 0, encode_mark(channel().to_string(), "db"));
  EnvelopeReader reader{batch};
  const auto all = adapters::decode(*reader.next());
  const auto one = adapters::decode(*reader.next());
  EXPECT_FALSE(std::get<LookAtLog>(*all).channel);
  EXPECT_EQ(std::get<LookAtLog>(*one).channel, channel());
}

TEST(BusEnvelope, ReadsSeveralInOrder) {
  std::string batch;
  for (domain::Seq seq = 1; seq <= 64; ++seq) append_envelope(batch, seq, encode_body(*frame(seq), "db"));
  EnvelopeReader reader{batch};
  for (domain::Seq seq = 1; seq <= 64; ++seq) EXPECT_EQ(reader.next()->seq, seq);
  EXPECT_FALSE(reader.next());
}

TEST(BusEnvelope, StopsAtAnEnvelopeThatIsCutShort) {
  const auto batch = batch_of(*frame());
  for (std::size_t size = 1; size < batch.size(); ++size) {
    EnvelopeReader reader{std::string_view{batch}.substr(0, size)};
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.malformed());
  }
}

TEST(BusEnvelope, PassesOverAnotherVersionAndReadsWhatFollows) {
  for (const int version : {0, 1, 3, 0xFF}) {
    auto batch = batch_of(*frame());
    batch[1] = static_cast<char>(version);
    batch += batch_of(*frame(8), 43);
    EnvelopeReader reader{batch};
    const auto strange = reader.next();
    ASSERT_TRUE(strange);
    EXPECT_FALSE(strange->known());
    EXPECT_EQ(strange->version, version);
    EXPECT_FALSE(adapters::decode(*strange));
    EXPECT_EQ(reader.next()->seq, 43U);
    EXPECT_FALSE(reader.malformed());
  }
}

/// What a later release may add behind the payload.
std::string with_fields(std::string body, const std::vector<std::pair<int, std::string>>& fields) {
  for (const auto& [tag, value] : fields) {
    body += {'\0', static_cast<char>(tag), '\0', '\0', '\0', static_cast<char>(value.size())};
    body += value;
  }
  std::string batch;
  append_envelope(batch, 1, body);
  return batch;
}

TEST(BusEnvelope, SkipsFieldsThatItDoesNotKnow) {
  const auto batch = with_fields(encode_body(*frame(), "db"), {{3, "new"}, {200, ""}});
  EnvelopeReader reader{batch};
  const auto envelope = reader.next();
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->database, "db");
  ASSERT_TRUE(adapters::decode(*envelope));
}

TEST(BusEnvelope, RefusesAnUpdateThatNamesNoEpochOrABadOne) {
  const auto body = encode_text(channel().to_string(), "1 update 7 - keep\n{}", "db");
  for (const auto& epoch : {std::string{}, std::string{"E"}, std::string(65, 'a'), std::string{"a b"}}) {
    const auto batch = with_fields(body, {{2, epoch}});
    const auto envelope = EnvelopeReader{batch}.next();
    ASSERT_TRUE(envelope);
    EXPECT_FALSE(adapters::decode(*envelope)) << epoch;
  }
  const auto good = with_fields(body, {{2, "a"}});
  EXPECT_TRUE(adapters::decode(*EnvelopeReader{good}.next()));
}

TEST(BusEnvelope, BelievesNoLengthOfFourGigabytes) {
  auto batch = batch_of(*frame());
  const auto good = batch;
  for (const std::size_t at : {2, 14}) {  // of the envelope, of its channel
    batch = good;
    batch.replace(at, 4, "\xFF\xFF\xFF\xFF");
    EnvelopeReader reader{batch};
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.malformed());
  }
}

TEST(BusEnvelope, RefusesPayloadsThatAreNotOfItsForm) {
  const auto room = channel().to_string();
  const std::string id = comment().to_string();
  ASSERT_TRUE(decode(room, "1 update 7 " + id + " keep\n{}"));
  ASSERT_TRUE(decode(room, "1 update 7 - keep\n{}"));
  const std::vector<std::string> wrong{"",
                                       "\n",
                                       "1 update 7 - keep",
                                       "2 update 7 - keep\n{}",
                                       "1 watching 7 - keep\n{}",
                                       "1 update 0 - keep\n{}",
                                       "1 update 07 - keep\n{}",
                                       "1 update -7 - keep\n{}",
                                       "1 update 7x - keep\n{}",
                                       "1 update 7 - drop\n{}",
                                       "1 update 7 - delete\n{}",
                                       "1 update 7 1234 keep\n{}",
                                       "1  update 7 - keep\n{}",
                                       "1 update 7 - keep \n{}",
                                       "1 update 9223372036854775808 - keep\n{}",
                                       "1 update 99999999999999999999 - keep\n{}",
                                       "1 update 7 - keep\n",
                                       "1 update 7 - keep\n[]",
                                       "1 update 7 - keep\n{\"\xC3\"}",
                                       "1 update 7 - keep\n{",
                                       "1 ephemeral 7 - keep\n{}",
                                       "1 look-at-log",
                                       "1 look-at-log\nx"};
  for (const auto& payload : wrong) EXPECT_FALSE(decode(room, payload)) << payload;
}

TEST(BusEnvelope, RefusesWhatIsNoChannel) {
  for (const char* text : {"", "demo", "demo:conversation", "demo:room:x", "demo:conversation:", ":conversation:x",
                           "demo:conversation:%GG"}) {
    EXPECT_FALSE(decode(text, "1 update 7 - keep\n{}")) << text;
  }
}

TEST(BusEnvelope, SurvivesAnyBytes) {
  EXPECT_TRUE(rc::check("mutated batches", [] {
    auto batch = batch_of(*frame()) + batch_of(*frame(8));
    const auto changes = *rc::gen::inRange(1, 6);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, batch.size());
      batch[at] = *rc::gen::arbitrary<char>();
    }
    batch.resize(*rc::gen::inRange<std::size_t>(0, batch.size() + 1));
    EnvelopeReader reader{batch};
    std::size_t read = 0;
    for (; const auto envelope = reader.next(); ++read) (void)adapters::decode(*envelope);
    RC_ASSERT(read <= batch.size());
  }));
}

}  // namespace
}  // namespace danwa::adapters
