#include "usecase/conversation_facts.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "support/coroutine_thread.hpp"
#include "support/run_async.hpp"
#include "usecase/access.hpp"
#include "usecase/one_conversation.hpp"

namespace danwa::usecase {
namespace {

using domain::Seq;
using domain::UserId;
using domain::Visibility;
using std::chrono::milliseconds;
using std::chrono::seconds;

domain::ChannelKey room(const char* key = "room") {
  return domain::ChannelKey::conversation(domain::CompanyId::trusted("acme"), domain::ConversationKey::trusted(key));
}
UserId user(const std::string& name) { return UserId::trusted(name); }
domain::Update update(Seq seq, domain::UpdateBody body) { return {room(), seq, {}, std::move(body)}; }
domain::UpdateBody text() { return domain::CommentDeleted{domain::CommentId{}, user("x"), user("x")}; }
domain::UpdateBody added(const std::string& name) { return domain::MemberAdded{{}, user(name), user("x")}; }
domain::UpdateBody removed(const std::string& name) { return domain::MemberRemoved{{}, user(name), user("x")}; }
domain::UpdateBody set(Visibility visibility) {
  return domain::ConversationUpdated{{}, std::nullopt, visibility, user("x")};
}

domain::ConversationView view(Seq head, Visibility visibility, bool member = false, domain::Epoch epoch = "e") {
  domain::ConversationView made{
      .conversation = {domain::CompanyId::trusted("acme"), domain::ConversationKey::trusted("room"), {}, visibility},
      .membership = {},
      .head = head,
      .exists = true,
      .epoch = std::move(epoch)};
  if (member) made.membership.role = domain::MemberRole::member;
  return made;
}

TEST(KnownConversation, FollowsTheLogInAnyOrderOfArrival) {
  KnownConversation facts;
  facts.hear(update(9, removed("ann")));  // while the first read runs
  facts.learn(user("ann"), view(7, Visibility::restricted, true));
  EXPECT_FALSE(facts.up_to_date());  // update 9 is known to exist
  facts.hear(update(8, text()));
  EXPECT_TRUE(facts.up_to_date());
  EXPECT_EQ(facts.as_of(), 9U);
  EXPECT_EQ(facts.admits(user("ann")), false);
  EXPECT_EQ(facts.admits(user("bob")), std::nullopt);
  facts.hear(update(9, added("ann")));  // doubled: ignored
  EXPECT_EQ(facts.admits(user("ann")), false);
  facts.hear(update(10, set(Visibility::open)));
  EXPECT_EQ(facts.admits(user("bob")), true);
  facts.hear(update(11, set(Visibility::restricted)));
  EXPECT_EQ(facts.admits(user("ann")), false);
  EXPECT_EQ(facts.admits(user("bob")), std::nullopt);
}

TEST(KnownConversation, IsSilentBehindTheLogUntilAViewCatchesUp) {
  KnownConversation facts;
  facts.learn(user("ann"), view(7, Visibility::restricted, true));
  facts.grown(9);
  EXPECT_FALSE(facts.up_to_date());
  facts.hear(update(9, text()));  // 8 was lost
  EXPECT_FALSE(facts.up_to_date());
  facts.learn(user("ann"), view(8, Visibility::restricted, false));
  EXPECT_TRUE(facts.up_to_date());
  EXPECT_EQ(facts.as_of(), 9U);
  EXPECT_EQ(facts.admits(user("ann")), false);
}

TEST(KnownConversation, TakesNoPersonFromAViewBeforeTheLastChangeOfMembers) {
  KnownConversation facts;
  facts.learn(user("ann"), view(7, Visibility::restricted, true));
  facts.hear(update(8, removed("bob")));
  facts.hear(update(9, text()));
  facts.learn(user("bob"), view(7, Visibility::restricted, true));
  EXPECT_EQ(facts.admits(user("bob")), false);
  facts.learn(user("eve"), view(7, Visibility::restricted, true));
  EXPECT_EQ(facts.admits(user("eve")), std::nullopt);
  facts.learn(user("eve"), view(8, Visibility::restricted, true));
  EXPECT_EQ(facts.admits(user("eve")), true);
  EXPECT_EQ(facts.as_of(), 9U);
}

TEST(KnownConversation, ForgetsWhatWasOfAnotherLog) {
  KnownConversation facts;
  facts.learn(user("ann"), view(70, Visibility::restricted, true));
  facts.grown(90);
  facts.learn(user("bob"), view(7, Visibility::restricted, true, "f"));
  EXPECT_TRUE(facts.up_to_date());
  EXPECT_EQ(facts.as_of(), 7U);
  EXPECT_EQ(facts.admits(user("ann")), std::nullopt);
}

/// A random log, of which the facts hear a part in a random order: whatever they answer is right as of their update.
TEST(KnownConversation, IsNeverWrong) {
  std::size_t answers = 0, silences = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 dice{seed};
    const auto one_of = [&dice](std::size_t sides) {
      return std::uniform_int_distribution<std::size_t>{0, sides - 1}(dice);
    };
    struct State {
      Visibility visibility = Visibility::open;
      std::vector<domain::Member> members;
    };
    std::vector<State> log(1);
    std::vector<domain::Update> updates;
    KnownConversation facts;
    const auto is_member = [&log](Seq seq, const UserId& who) {
      const auto& all = log[seq].members;
      return std::any_of(all.begin(), all.end(), [&who](const auto& m) { return m.user == who; });
    };
    for (int step = 0; step < 400; ++step) {
      const auto who = user(std::string(1, static_cast<char>('a' + one_of(4))));
      if (one_of(3) != 0) {
        State next = log.back();
        domain::UpdateBody body = text();
        const auto kind = one_of(8);
        if (kind == 0) body = set(next.visibility = one_of(2) == 0 ? Visibility::open : Visibility::restricted);
        if (kind == 1 || kind == 2) {
          std::erase_if(next.members, [&who](const auto& m) { return m.user == who; });
          if (kind == 1) next.members.push_back({who, domain::MemberRole::member, {}, 0});
          body = kind == 1 ? added(who.value()) : removed(who.value());
        }
        updates.push_back(update(log.size(), std::move(body)));
        log.push_back(std::move(next));
      }
      for (auto n = one_of(3); n > 0 && !updates.empty(); --n) {  // mostly a late one, sometimes never, sometimes again
        const auto back = std::min(one_of(5), updates.size() - 1);
        facts.hear(updates[updates.size() - 1 - back]);
      }
      const Seq read_at = log.size() - 1 - std::min(one_of(6), log.size() - 1);
      if (one_of(12) == 0) {
        facts.learn(who, view(read_at, log[read_at].visibility, is_member(read_at, who)));
      } else if (one_of(30) == 0) {
        facts.learn_all(log[read_at].members, view(read_at, log[read_at].visibility));
      }
      if (one_of(10) == 0) facts.grown(log.size() - 1);
      const auto answer = facts.up_to_date() ? facts.admits(who) : std::nullopt;
      if (!answer) {
        ++silences;
        continue;
      }
      ++answers;
      const Seq at = facts.as_of();
      ASSERT_EQ(*answer, log[at].visibility == Visibility::open || is_member(at, who))
          << "seed " << seed << " at " << at;
    }
  }
  EXPECT_GT(answers, 10'000U);
  EXPECT_GT(silences, 10'000U);
}

struct Facts : testing::Test {
  std::optional<ConversationFacts::Access> find(ConversationFacts::Wanted wanted = {}) {
    return facts.find(room(), user("ann"), wanted, now);
  }
  ConversationFacts facts;
  ConversationFacts::Time now{std::chrono::hours{1}};
};

TEST_F(Facts, CountForASecondAfterALookAtTheLog) {
  facts.learn(room(), user("ann"), view(7, Visibility::open));
  EXPECT_FALSE(find());  // the tail has not looked yet
  facts.looked("e", 100, now);
  ASSERT_TRUE(find());
  EXPECT_EQ(find()->as_of, 7U);
  now += milliseconds{1'000};
  EXPECT_TRUE(find());
  now += milliseconds{1};
  EXPECT_FALSE(find());
  facts.looked("e", 100, now);
  EXPECT_TRUE(find());
}

TEST_F(Facts, CountForWhoHasSeenNoMoreThanTheNode) {
  facts.learn(room(), user("ann"), view(7, Visibility::open));
  facts.looked("e", 100, now);
  EXPECT_TRUE(find({.seen = domain::Position{"e", 100}}));
  EXPECT_FALSE(find({.seen = domain::Position{"e", 101}}));
  EXPECT_FALSE(find({.seen = domain::Position{"f", 1}}));
  EXPECT_TRUE(find({.seen = std::nullopt, .at_least = 7}));
  EXPECT_FALSE(find({.seen = std::nullopt, .at_least = 8}));
  facts.looked("e", std::nullopt, now);  // a log without such positions
  EXPECT_FALSE(find({.seen = domain::Position{"e", 1}}));
  EXPECT_TRUE(find());
}

TEST_F(Facts, AreForgottenWithTheirLog) {
  facts.learn(room(), user("ann"), view(7, Visibility::open));
  facts.looked("e", 100, now);
  facts.replaced("f");
  facts.looked("f", 1, now);
  EXPECT_FALSE(find());
  facts.learn(room(), user("ann"), view(7, Visibility::open));  // a read of the former log comes late
  EXPECT_FALSE(find());
}

TEST_F(Facts, AreThoseThatWereAskedForLast) {
  facts.looked("e", 100, now);
  for (std::size_t i = 0; i < 2 * ConversationFacts::kShards * ConversationFacts::kMostOfShard; ++i) {
    facts.learn(room(("room" + std::to_string(i)).c_str()), user("ann"), view(7, Visibility::open));
  }
  EXPECT_FALSE(facts.find(room("room0"), user("ann"), {}, now));
  EXPECT_TRUE(facts.find(room("room131071"), user("ann"), {}, now));
}

/// Counts the reads; each waits for `gate`.
class CountedRepository final : public ConversationRepository {
 public:
  explicit CountedRepository(ConversationRepository& inner) : inner_{inner} {}

  Async<domain::Result<AccessContext>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                            UserId who) override {
    ++views;
    while (held.load()) co_await pause(milliseconds{1});
    co_return co_await inner_.view(std::move(company), std::move(conversation), std::move(who));
  }
  Async<domain::Result<Configured>> configure(Change change, Settings settings, SettingsRule rule) override {
    return inner_.configure(std::move(change), std::move(settings), std::move(rule));
  }
  Async<domain::Result<Joined>> join(Change change, UserId who, Rule rule) override {
    return inner_.join(std::move(change), std::move(who), std::move(rule));
  }
  Async<domain::Result<Left>> leave(Change change, UserId who, Rule rule) override {
    return inner_.leave(std::move(change), std::move(who), std::move(rule));
  }
  Async<domain::Result<Members>> members(domain::CompanyId company, domain::ConversationKey conversation, UserId viewer,
                                         std::optional<UserId> after, std::size_t limit) override {
    ++lists;
    return inner_.members(std::move(company), std::move(conversation), std::move(viewer), std::move(after), limit);
  }

  std::atomic<int> views{0};
  std::atomic<int> lists{0};
  std::atomic<bool> held{false};

 private:
  ConversationRepository& inner_;
};

struct SharedReads : testing::Test {
  void looked() { facts.looked(hall.memory.epoch, 1, std::chrono::steady_clock::now()); }
  std::future<domain::Result<ConversationAccess::Entered>> enter(tests::CoroutineThread& thread,
                                                                 const std::string& name) {
    return thread.start(access.require_reader(person(name.c_str()), hall.key, {}));
  }
  OneRoom hall;
  CountedRepository repository{hall.repository};
  ConversationFacts facts;
  ConversationAccess access{repository, &facts};
};

TEST_F(SharedReads, AThousandThatComeTogetherToAColdConversationShareOne) {
  looked();
  repository.held = true;
  tests::CoroutineThread one, two;
  std::vector<std::future<domain::Result<ConversationAccess::Entered>>> all;
  for (int i = 0; i < 1'000; ++i) all.push_back(enter(i % 2 == 0 ? one : two, "u" + std::to_string(i)));
  std::this_thread::sleep_for(milliseconds{20});
  looked();
  repository.held = false;
  for (auto& entered : all) EXPECT_TRUE(entered.get());
  EXPECT_EQ(repository.views, 1);
  EXPECT_TRUE(enter(one, "later").get());
  EXPECT_EQ(repository.views + repository.lists, 1);
}

TEST_F(SharedReads, OfAPrivateConversationTheMembersAreReadToo) {
  for (const auto* name : {"ann", "bob"}) hall.let_in(name);
  hall.close();
  looked();
  tests::CoroutineThread thread;
  EXPECT_EQ(enter(thread, "eve").get().error().first().code, "not-a-member");
  EXPECT_TRUE(enter(thread, "ann").get());
  EXPECT_TRUE(enter(thread, "bob").get());
  EXPECT_EQ(repository.views + repository.lists, 2);
  EXPECT_EQ(enter(thread, "mallory").get().error().first().code, "not-a-member");
  EXPECT_GT(repository.views + repository.lists, 2);  // nobody is refused by what may be old
  EXPECT_EQ(repository.lists, 1);                     // and a refusal reads no members that are known
}

TEST_F(SharedReads, AFailureIsThatOfAllWhoWaitAndTheNextOneReadsAgain) {
  looked();
  repository.held = true;
  tests::CoroutineThread thread;
  std::vector<std::future<domain::Result<ConversationAccess::Entered>>> all;
  for (int i = 0; i < 10; ++i) all.push_back(enter(thread, "u" + std::to_string(i)));
  std::this_thread::sleep_for(milliseconds{20});
  hall.memory.available = false;
  repository.held = false;
  for (auto& entered : all) EXPECT_FALSE(entered.get());
  EXPECT_EQ(repository.views, 1);
  hall.memory.available = true;
  EXPECT_TRUE(enter(thread, "u").get());
  EXPECT_EQ(repository.views, 2);
}

TEST_F(SharedReads, ANodeThatIsCutFromItsLogAsksTheDatabaseEachTime) {
  tests::CoroutineThread thread;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enter(thread, "ann").get());
  EXPECT_EQ(repository.views, 3);
}

}  // namespace
}  // namespace danwa::usecase
