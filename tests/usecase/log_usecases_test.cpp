#include <gtest/gtest.h>

#include <optional>

#include "support/in_memory_update_log.hpp"
#include "support/run_async.hpp"
#include "usecase/comments.hpp"
#include "usecase/conversations.hpp"
#include "usecase/one_conversation.hpp"
#include "usecase/updates.hpp"

namespace danwa::usecase {
namespace {

using domain::Result;

/// A replica that has only the first `visible` updates of every channel.
class BehindLog final : public UpdateLog {
 public:
  explicit BehindLog(tests::InMemoryLog& log) : master_{log} {}
  domain::Seq visible = 1000;
  int master_reads = 0;
  std::function<void()> after_read = [] {};

  Async<Result<Heads>> heads(std::vector<domain::ChannelKey> channels, ReadFrom from) override {
    return master_.heads(std::move(channels), from);
  }
  Async<Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last, usecase::PageSize limit,
                           Freshness wanted) override {
    const auto from = wanted.from;
    auto page = co_await master_.read(std::move(channel), first, last, limit, std::move(wanted));
    if (from == ReadFrom::master) ++master_reads;
    after_read();
    if (page && from == ReadFrom::replica && page->head > visible) {
      page->head = visible;
      std::erase_if(page->updates, [&](const auto& update) { return update.seq > visible; });
    }
    co_return std::move(page);
  }
  Async<Result<Listing>> conversations(ListingRequest request, Freshness wanted) override {
    return master_.conversations(std::move(request), std::move(wanted));
  }
  Async<Result<domain::Position>> position() override { return master_.position(); }

 private:
  tests::InMemoryUpdateLog master_;
};

struct LogUsecases : testing::Test {
  void fill(const char* conversation, std::size_t count, const char* company = "acme") {
    const auto channel = domain::ChannelKey::conversation(domain::CompanyId::trusted(company),
                                                          domain::ConversationKey::trusted(conversation));
    for (std::size_t i = 0; i < count; ++i) {
      stored.append(
          channel, domain::Timestamp{std::chrono::milliseconds{++clock}},
          domain::CommentDeleted{domain::CommentId{}, domain::UserId::trusted("ann"), domain::UserId::trusted("ann")});
    }
  }
  ReadUpdates::Input after(domain::Cursor cursor, std::size_t limit = 100) {
    return {"room", std::move(cursor), limit};
  }
  domain::Credential granted(const char* pattern) {
    auto restricted = ann;
    restricted.grants = std::vector<domain::Grant>{{pattern, {domain::Verb::read}}};
    return restricted;
  }

  tests::InMemoryLog stored;
  BehindLog log{stored};
  OneRoom rooms;
  ConversationAccess access{rooms.repository};
  ReadUpdates read{log, access};
  ListConversations list{log};
  int clock = 0;
  domain::Credential ann{.company = domain::CompanyId::trusted("acme"),
                         .user = domain::UserId::trusted("ann"),
                         .stores = {},
                         .grants = std::nullopt,
                         .expires_at = std::nullopt};
};

TEST_F(LogUsecases, AFullListTellsWhereItGoesOnAndKeepsToItsTime) {
  for (const char* room : {"a", "b", "c", "d"}) fill(room, 1);
  std::vector<std::string> names;
  std::optional<UpdateLog::ConversationMark> behind;
  for (int page = 0; page < 4; ++page) {
    const auto listed = run(list.execute(behind, 1, ann));
    names.push_back(listed->conversations.at(0).key.value());
    ASSERT_TRUE(listed->next);
    behind = listed->next;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"d", "c", "b", "a"}));
  EXPECT_FALSE(run(list.execute(behind, 1, ann))->next);
  const auto time = domain::Timestamp::max();
  EXPECT_EQ(run(list.execute(UpdateLog::ConversationMark{.before = time}, 1, ann))->next->before, time);
  EXPECT_EQ(run(list.execute(UpdateLog::ConversationMark{.before = time}, 1, granted("b")))->next->before, time);
}

TEST_F(LogUsecases, AConversationWithoutUpdatesReadsAsEmpty) {
  const auto page = run(read.execute(after({}), ann));
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->page.updates.empty());
  EXPECT_EQ(page->page.head, 0U);
  EXPECT_FALSE(page->reset);
}

TEST_F(LogUsecases, ReadsWhatComesBehindTheCursor) {
  fill("room", 10);
  const auto page = run(read.execute(after({stored.epoch, 7}), ann));
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->page.updates.size(), 3U);
  EXPECT_EQ(page->page.updates.front().seq, 8U);
  EXPECT_FALSE(page->reset);
}

TEST_F(LogUsecases, AnotherEpochIsAReset) {
  fill("room", 10);
  const auto page = run(read.execute(after({"another", 7}), ann));
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->reset);
  EXPECT_TRUE(page->page.updates.empty());
}

TEST_F(LogUsecases, ACursorAboveTheHeadIsAResetAndAtTheHeadIsNot) {
  fill("room", 10);
  EXPECT_TRUE(run(read.execute(after({stored.epoch, 11}), ann))->reset);
  EXPECT_FALSE(run(read.execute(after({stored.epoch, 10}), ann))->reset);
  EXPECT_TRUE(run(read.execute(after({std::nullopt, domain::kMaxSeq}), ann))->reset);
}

TEST_F(LogUsecases, ACursorBeforeWhatTheLogStillHoldsIsAReset) {
  fill("room", 10);
  stored.channels.begin()->second.oldest = 8;
  for (const domain::Seq seq : {0U, 6U}) {
    const auto page = run(read.execute(after({stored.epoch, seq}), ann));
    EXPECT_TRUE(page->reset) << seq;
    EXPECT_TRUE(page->page.updates.empty());
  }
  const auto page = run(read.execute(after({stored.epoch, 7}), ann));
  EXPECT_FALSE(page->reset);
  EXPECT_EQ(page->page.updates.size(), 3U);
  stored.channels.begin()->second.oldest = 11;
  EXPECT_FALSE(run(read.execute(after({stored.epoch, 10}), ann))->reset);
  EXPECT_TRUE(run(read.execute(after({stored.epoch, 9}), ann))->reset);
}

TEST_F(LogUsecases, AReplicaThatIsBehindTheCursorIsNoReset) {
  fill("room", 10);
  log.visible = 5;
  const auto page = run(read.execute(after({stored.epoch, 8}), ann));
  ASSERT_TRUE(page.has_value());
  EXPECT_FALSE(page->reset);
  EXPECT_EQ(page->page.updates.size(), 2U) << "the master was asked";
  EXPECT_EQ(log.master_reads, 1);
}

TEST_F(LogUsecases, GathersWhatIsWrongWithAPageRequest) {
  const auto page = run(read.execute({"", {}, 0}, ann));
  ASSERT_FALSE(page.has_value());
  ASSERT_EQ(page.error().all().size(), 2U);
  EXPECT_EQ(page.error().all()[0].code, "conversationKey-empty");
  EXPECT_EQ(page.error().all()[1].code, "limit-out-of-range");
  EXPECT_FALSE(run(read.execute(after({}, 1001), ann)).has_value());
  EXPECT_TRUE(run(read.execute(after({}, 1000), ann)).has_value());
}

TEST_F(LogUsecases, ReadingNeedsTheGrant) {
  fill("room", 1);
  const auto refused = run(read.execute(after({}), granted("other-*")));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().first().kind, domain::ErrorKind::forbidden);
  EXPECT_TRUE(run(read.execute(after({}), granted("r*m"))).has_value());
}

TEST_F(LogUsecases, AMembershipThatEndsWhileItIsReadEndsTheReading) {
  fill("room", 3);
  rooms.let_in("ann");
  rooms.close();
  EXPECT_TRUE(run(read.execute(after({}), ann)).has_value());
  log.after_read = [&] { rooms.turn_all_out(); };
  EXPECT_EQ(run(read.execute(after({}), ann)).error().first().code, "not-a-member");
}

TEST_F(LogUsecases, AnotherCompanysLogIsNotThere) {
  fill("room", 3, "other");
  EXPECT_EQ(run(read.execute(after({}), ann))->page.head, 0U);
  EXPECT_TRUE(run(list.execute(std::nullopt, 10, ann))->conversations.empty());
}

TEST_F(LogUsecases, AnUnavailableLogIsToldAsSuch) {
  stored.available = false;
  EXPECT_EQ(run(read.execute(after({}), ann)).error().first().kind, domain::ErrorKind::unavailable);
  EXPECT_EQ(run(list.execute(std::nullopt, 10, ann)).error().first().kind, domain::ErrorKind::unavailable);
}

TEST_F(LogUsecases, ListsByLastActivityNewestFirst) {
  fill("first", 1);
  fill("second", 2);
  fill("first", 1);
  const auto found = run(list.execute(std::nullopt, 10, ann));
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->conversations.size(), 2U);
  EXPECT_EQ(found->conversations[0].key.value(), "first");
  EXPECT_EQ(found->conversations[0].head, 2U);
}

TEST_F(LogUsecases, ListsOnlyWhatTheGrantsShow) {
  fill("team-1", 1);
  fill("secret", 1);
  const auto found = run(list.execute(std::nullopt, 10, granted("team-*")));
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->conversations.size(), 1U);
  EXPECT_EQ(found->conversations[0].key.value(), "team-1");
}

TEST_F(LogUsecases, AGrantedConversationIsListedHoweverManyNewerOnesAreHidden) {
  fill("team-1", 1);
  for (int i = 0; i < 5; ++i) fill(("hidden-" + std::to_string(i)).c_str(), 1);
  const auto found = run(list.execute(std::nullopt, 3, granted("team-*")));
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->conversations.size(), 1U);
  EXPECT_EQ(found->conversations[0].key.value(), "team-1");
}

TEST_F(LogUsecases, AGrantedConversationIsListedBehindManyOfTheSameMoment) {
  for (std::size_t i = 0; i <= ListConversations::kMaxLimit; ++i) {
    clock = 0;
    fill(("hidden-" + std::to_string(i)).c_str(), 1);
  }
  clock = 0;
  fill("team-1", 1);
  const auto found = run(list.execute(std::nullopt, 10, granted("team-*")));
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->conversations.size(), 1U);
  EXPECT_EQ(found->conversations[0].key.value(), "team-1");
}

TEST_F(LogUsecases, AGrantThatMatchesNothingEndsEveryPageAndGoesOn) {
  for (int i = 0; i < 1'200; ++i) fill(("team-" + std::to_string(i)).c_str(), 1);
  std::size_t pages = 0;
  std::optional<UpdateLog::ConversationMark> behind;
  do {
    const auto found = run(list.execute(behind, 10, granted("*-nothing")));
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(found->conversations.empty());
    behind = found->next;
    ++pages;
  } while (behind && pages < 10);
  EXPECT_EQ(pages, 3U) << "500 conversations are looked at for each";
}

TEST_F(LogUsecases, AGrantWithoutReadShowsNothing) {
  fill("room", 1);
  auto who = granted("*");
  who.grants = std::vector<domain::Grant>{{"*", {domain::Verb::send}}};
  const auto found = run(list.execute(std::nullopt, 10, who));
  EXPECT_TRUE(found->conversations.empty());
  EXPECT_FALSE(found->next);
}

TEST(RequestHash, TellsFieldsApartHoweverTheyAreSplit) {
  EXPECT_EQ(request_hash({"a", "b"}), request_hash({"a", "b"}));
  EXPECT_NE(request_hash({"ab", ""}), request_hash({"a", "b"}));
  EXPECT_NE(request_hash({"a", "b"}), request_hash({"b", "a"}));
  EXPECT_NE(request_hash({""}), request_hash({"", ""}));
  EXPECT_EQ(request_hash({"a"}).size(), 32U);
}

}  // namespace
}  // namespace danwa::usecase
