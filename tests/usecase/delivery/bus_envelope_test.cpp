#include "usecase/delivery/bus_envelope.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/frames.hpp"

namespace danwa::delivery {
namespace {

using namespace domain;
using Field = EnvelopeField;
using Kind = EnvelopeKind;

ChannelKey channel(std::string key = "room:1 ü") {
  return ChannelKey{CompanyId::trusted("demo"), ChannelKind::conversation, std::move(key)};
}

ChannelKey bobs_inbox() { return ChannelKey::inbox(CompanyId::trusted("de:mo"), UserId::trusted("bob b")); }

const Uuid kSubjectId{*Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057")};
const UserId kAuthor = UserId::trusted("ann");
const UserId kOther = UserId::trusted("談話");
const Timestamp kWhen{std::chrono::milliseconds{1'700'000'000'123}};

Update update(Seq seq = 7) {
  return {channel(), seq, kWhen, CommentAdded{CommentId{kSubjectId}, kAuthor, CommentContent::trusted("hi"), "mark"}};
}

std::string batch_of(const Update& sent, std::uint64_t seq = 1) {
  std::string batch;
  append_envelope(batch, seq, encode_body(sent, sent.channel.to_string(), "e1", "db"));
  return batch;
}

std::optional<BusMessage> decoded(const std::string& batch) {
  const auto envelope = EnvelopeReader{batch}.next();
  return envelope ? delivery::decode(*envelope) : std::nullopt;
}

/// An envelope that a test puts together by hand.
struct Draft {
  Kind kind = Kind::comment_added;
  std::string channel = delivery::channel().to_string();
  std::vector<std::pair<int, std::string>> fields;

  Draft with(Field tag, std::string value) const { return with(static_cast<int>(tag), std::move(value)); }
  Draft with(int tag, std::string value) const {
    Draft more = *this;
    more.fields.emplace_back(tag, std::move(value));
    return more;
  }
  Draft without(Field tag) const {
    Draft less = *this;
    std::erase_if(less.fields, [tag](const auto& field) { return field.first == static_cast<int>(tag); });
    return less;
  }
  std::string batch() const {
    std::string body(1, static_cast<char>(kind));
    const auto append = [&body](const std::string& text) {
      for (int shift = 24; shift >= 0; shift -= 8) body += static_cast<char>((text.size() >> shift) & 0xFF);
      body += text;
    };
    append(channel);
    for (const auto& [tag, value] : fields) {
      body += static_cast<char>(tag >> 8);
      body += static_cast<char>(tag);
      append(value);
    }
    std::string out;
    append_envelope(out, 1, body);
    return out;
  }
  bool is_good() const { return decoded(batch()).has_value(); }
};

std::string eight_bytes(std::uint64_t value) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xFF);
  return out;
}

const std::string kSubject{reinterpret_cast<const char*>(kSubjectId.bytes().data()), 16};

/// A comment that is all right.
Draft draft() {
  return Draft{}
      .with(Field::database, "db")
      .with(Field::epoch, "e1")
      .with(Field::seq, eight_bytes(7))
      .with(Field::time, eight_bytes(5))
      .with(Field::subject, kSubject)
      .with(Field::author, "ann")
      .with(Field::text, "hi");
}

TEST(BusEnvelope, BringsEveryKindOfUpdateBackAsItWas) {
  const CommentId comment{kSubjectId};
  const auto text = CommentContent::trusted("two\nlines \x01 談");
  const std::vector<Update> all{
      update(),
      {channel(), 1, Timestamp{}, CommentAdded{comment, kOther, std::nullopt, std::nullopt}},
      {channel(), kMaxSeq, kWhen, CommentUpdated{comment, kAuthor, text, true}},
      {channel(), 2, kWhen, CommentUpdated{comment, kAuthor, std::nullopt, false}},
      {channel(), 3, kWhen, CommentDeleted{comment, kAuthor, kOther}},
      {channel(), 4, kWhen, MemberAdded{kSubjectId, kOther, kAuthor}},
      {channel(), 5, kWhen, MemberRemoved{kSubjectId, kOther, kAuthor}},
      {channel(), 6, kWhen,
       ConversationUpdated{kSubjectId, ConversationTitle::trusted("T"), Visibility::restricted, kAuthor}},
      {channel(), 7, kWhen, ConversationUpdated{kSubjectId, std::nullopt, Visibility::open, kAuthor}},
      {bobs_inbox(), 8, kWhen,
       NotificationAdded{NotificationId{kSubjectId}, kAuthor, NotificationText::trusted("hi")}}};
  for (const auto& sent : all) {
    const auto batch = batch_of(sent, 42);
    EnvelopeReader reader{batch};
    const auto envelope = reader.next();
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->seq, 42U);
    EXPECT_EQ(envelope->database(), "db");
    const auto message = decode(*envelope);
    ASSERT_TRUE(message) << sent.body.index();
    EXPECT_EQ(std::get<LoggedUpdate>(*message), (LoggedUpdate{sent, "e1"}));
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.malformed());
  }
}

TEST(BusEnvelope, BringsMarksAndPresenceBack) {
  std::string batch;
  append_envelope(batch, 0, encode_mark("", ""));
  append_envelope(batch, 0, encode_mark(channel().to_string(), "db"));
  append_envelope(batch, 0, encode_presence(std::string_view{"\0\xFF", 2}, "db"));
  EnvelopeReader reader{batch};
  const auto all = decode(*reader.next());
  const auto one = decode(*reader.next());
  const auto presence = decode(*reader.next());
  EXPECT_FALSE(std::get<CheckLog>(*all).channel);
  EXPECT_EQ(std::get<CheckLog>(*one).channel, channel());
  EXPECT_EQ(std::get<PresenceMessage>(*presence).text, (std::string{"\0\xFF", 2}));
}

TEST(BusEnvelope, ReadsSeveralInOrder) {
  std::string batch;
  for (Seq seq = 1; seq <= 64; ++seq) batch += batch_of(update(seq), seq);
  EnvelopeReader reader{batch};
  for (Seq seq = 1; seq <= 64; ++seq) EXPECT_EQ(reader.next()->seq, seq);
  EXPECT_FALSE(reader.next());
}

TEST(BusEnvelope, StopsAtAnEnvelopeThatIsCutShort) {
  const auto batch = batch_of(update());
  for (std::size_t size = 1; size < batch.size(); ++size) {
    EnvelopeReader reader{std::string_view{batch}.substr(0, size)};
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.malformed());
  }
}

TEST(BusEnvelope, PassesOverAnotherVersionAndReadsWhatFollows) {
  for (const int version : {0, 1, 2, 4, 0xFF}) {
    auto batch = batch_of(update());
    batch[1] = static_cast<char>(version);
    batch += batch_of(update(8), 43);
    EnvelopeReader reader{batch};
    const auto strange = reader.next();
    ASSERT_TRUE(strange);
    EXPECT_FALSE(strange->known());
    EXPECT_EQ(strange->version, version);
    EXPECT_FALSE(decode(*strange));
    EXPECT_EQ(reader.next()->seq, 43U);
    EXPECT_FALSE(reader.malformed());
  }
}

TEST(BusEnvelope, SkipsFieldsThatItDoesNotKnow) {
  ASSERT_TRUE(draft().is_good());
  EXPECT_TRUE(draft().with(13, "new").with(0, "").with(0x0101, "").with(13, "again").is_good());
}

TEST(BusEnvelope, RefusesAFieldThatComesTwice) {
  const auto batch = draft().with(Field::text, "hi").batch();
  EnvelopeReader reader{batch};
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.malformed());
}

TEST(BusEnvelope, RefusesAnUpdateThatLacksAFieldOrHasOneOfAnotherKind) {
  for (const auto tag : {Field::epoch, Field::seq, Field::time, Field::subject, Field::author}) {
    EXPECT_FALSE(draft().without(tag).is_good()) << static_cast<int>(tag);
  }
  EXPECT_TRUE(draft().without(Field::database).without(Field::text).is_good());
  EXPECT_TRUE(draft().with(Field::mark, "m").is_good());
  for (const auto tag : {Field::about, Field::by, Field::redacts, Field::visibility}) {
    EXPECT_FALSE(draft().with(tag, "").is_good()) << static_cast<int>(tag);
  }
}

/// `draft` of `kind` with the fields that its author, text and mark make way for.
Draft changed(Kind kind, const std::vector<std::pair<Field, std::string>>& fields) {
  auto out = draft().without(Field::author).without(Field::text);
  out.kind = kind;
  for (const auto& [tag, value] : fields) out = out.with(tag, value);
  return out;
}

TEST(BusEnvelope, KnowsTheFieldsOfEachKind) {
  EXPECT_TRUE(changed(Kind::comment_updated, {{Field::author, "a"}, {Field::redacts, ""}}).is_good());
  EXPECT_FALSE(changed(Kind::comment_updated, {{Field::author, "a"}, {Field::redacts, "1"}}).is_good());
  EXPECT_FALSE(changed(Kind::comment_updated, {{Field::author, "a"}, {Field::mark, "m"}}).is_good());
  EXPECT_TRUE(changed(Kind::comment_deleted, {{Field::author, "a"}, {Field::by, "b"}}).is_good());
  EXPECT_FALSE(changed(Kind::comment_deleted, {{Field::author, "a"}}).is_good());
  EXPECT_TRUE(changed(Kind::member_added, {{Field::about, "a"}, {Field::by, "b"}}).is_good());
  EXPECT_FALSE(changed(Kind::member_removed, {{Field::by, "b"}}).is_good());
  const std::string open(1, '\0');
  EXPECT_TRUE(changed(Kind::conversation_updated, {{Field::by, "b"}, {Field::visibility, open}}).is_good());
  for (const auto& wrong : {std::string{}, std::string{"\2"}, std::string{"\0\0", 2}}) {
    EXPECT_FALSE(changed(Kind::conversation_updated, {{Field::by, "b"}, {Field::visibility, wrong}}).is_good());
  }
  auto note = changed(Kind::notification_added, {{Field::author, "a"}, {Field::text, "t"}});
  EXPECT_FALSE(note.is_good()) << "in a conversation";
  note.channel = bobs_inbox().to_string();
  EXPECT_TRUE(note.is_good());
  EXPECT_FALSE(note.without(Field::text).is_good());
  auto comment = draft();
  comment.channel = bobs_inbox().to_string();
  EXPECT_FALSE(comment.is_good()) << "in an inbox";
  comment.kind = static_cast<Kind>(9);
  EXPECT_FALSE(comment.is_good());
}

TEST(BusEnvelope, RefusesValuesThatTheDomainRefuses) {
  const auto with = [](Field tag, std::string value) { return draft().without(tag).with(tag, std::move(value)); };
  for (const auto& epoch : {std::string{}, std::string{"E"}, std::string(65, 'a'), std::string{"a b"}}) {
    EXPECT_FALSE(with(Field::epoch, epoch).is_good()) << epoch;
  }
  for (const std::uint64_t seq : {std::uint64_t{0}, std::uint64_t{kMaxSeq} + 1, ~std::uint64_t{0}}) {
    EXPECT_FALSE(with(Field::seq, eight_bytes(seq)).is_good()) << seq;
  }
  EXPECT_FALSE(with(Field::seq, "7").is_good());
  EXPECT_FALSE(with(Field::seq, eight_bytes(7) + "x").is_good());
  EXPECT_TRUE(with(Field::time, eight_bytes(253'402'300'799'999)).is_good());
  EXPECT_FALSE(with(Field::time, eight_bytes(253'402'300'800'000)).is_good()) << "the year 10000";
  EXPECT_FALSE(with(Field::subject, kSubject.substr(1)).is_good());
  EXPECT_FALSE(with(Field::subject, kSubject + "x").is_good());
  for (const auto& text : {std::string{}, std::string{"\xC3"}, std::string{"\0", 1}, std::string(10'001, 'x')}) {
    EXPECT_FALSE(with(Field::author, text).is_good());
    EXPECT_FALSE(with(Field::text, text).is_good());
    EXPECT_FALSE(with(Field::mark, text).is_good());
  }
  EXPECT_TRUE(with(Field::text, std::string(10'000, 'x')).is_good());
}

TEST(BusEnvelope, RefusesMarksAndPresenceOfAnotherForm) {
  Draft mark{.kind = Kind::check_log, .channel = "", .fields = {}};
  EXPECT_TRUE(mark.is_good());
  EXPECT_FALSE(mark.with(Field::epoch, "e").is_good());
  mark.channel = "demo:room:x";
  EXPECT_FALSE(mark.is_good());
  Draft presence{.kind = Kind::presence, .channel = "", .fields = {}};
  EXPECT_FALSE(presence.is_good());
  presence = presence.with(Field::text, "x");
  EXPECT_TRUE(presence.is_good());
  presence.channel = channel().to_string();
  EXPECT_FALSE(presence.is_good());
}

TEST(BusEnvelope, RefusesWhatIsNoChannel) {
  for (const char* text :
       {"", "demo", "demo:conversation", "demo:room:x", "demo:conversation:", ":conversation:x",
        "demo:conversation:%GG", "demo:conversation:%FF", "demo:conversation:%00", "demo:conversation:.."}) {
    auto bad = draft();
    bad.channel = text;
    EXPECT_FALSE(bad.is_good()) << text;
  }
}

TEST(BusEnvelope, BelievesNoLengthOfFourGigabytes) {
  const auto good = batch_of(update());
  for (const std::size_t at : {2, 15}) {  // of the envelope, of its channel
    auto batch = good;
    batch.replace(at, 4, "\xFF\xFF\xFF\xFF");
    EnvelopeReader reader{batch};
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.malformed());
  }
}

TEST(BusEnvelope, SurvivesAnyBytes) {
  EXPECT_TRUE(rc::check("mutated batches", [] {
    auto batch = batch_of(update()) + batch_of(update(8));
    const auto changes = *rc::gen::inRange(1, 6);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, batch.size());
      batch[at] = *rc::gen::arbitrary<char>();
    }
    batch.resize(*rc::gen::inRange<std::size_t>(0, batch.size() + 1));
    EnvelopeReader reader{batch};
    std::size_t read = 0;
    for (; const auto envelope = reader.next(); ++read) (void)decode(*envelope);
    RC_ASSERT(read <= batch.size());
  }));
}

}  // namespace
}  // namespace danwa::delivery
