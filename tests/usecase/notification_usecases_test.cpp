#include <gtest/gtest.h>

#include <random>

#include "support/in_memory_update_log.hpp"
#include "support/run_async.hpp"
#include "usecase/notifications.hpp"
#include "usecase/one_conversation.hpp"

namespace danwa::usecase {
namespace {

using domain::ChannelKey;
using domain::MergedCursor;
using domain::Verb;

struct OneInbox final : NotificationRepository {
  std::vector<domain::Notification> saved;
  std::optional<IdempotencyKey> key;
  bool replay = false;

  Async<domain::Result<Added>> add(domain::Notification notification, std::optional<IdempotencyKey> with) override {
    key = std::move(with);
    notification.seq = saved.size() + 1;
    saved.push_back(notification);
    co_return Added{std::move(notification), replay};
  }
};

SendNotification::Recipient to_user(const char* user) { return {.user = user, .store = {}, .company = {}}; }
SendNotification::Recipient to_store(const char* store) { return {.user = {}, .store = store, .company = {}}; }
SendNotification::Recipient to_company(const char* company) { return {.user = {}, .store = {}, .company = company}; }

struct SendingNotifications : testing::Test {
  OneInbox inbox;
  Published bus;
  FixedIds ids;
  FixedClock clock;
  SendNotification send{{inbox, bus, ids, clock}};

  domain::Result<SendNotification::Output> notify(const domain::Credential& who, SendNotification::Recipient to,
                                                  std::string text = "hi", std::optional<std::string> key = {}) {
    return run(send.execute({std::move(to), std::move(text), std::move(key)}, who));
  }
  std::string code(const domain::Credential& who, SendNotification::Recipient to) {
    const auto sent = notify(who, std::move(to));
    return sent ? "none" : sent.error().first().code;
  }
  static domain::Credential trusted() {
    auto who = person("ann");
    who.trusted = true;
    return who;
  }
};

TEST_F(SendingNotifications, SavesThenPublishesOneEvent) {
  const auto sent = notify(trusted(), to_user("bob"));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->notification.to.to_string(), "acme:user:bob");
  EXPECT_EQ(sent->notification.sender.value(), "ann");
  ASSERT_EQ(bus.events.size(), 1U);
  EXPECT_EQ(std::get<domain::NotificationSent>(bus.events[0]).notification, sent->notification);
}

TEST_F(SendingNotifications, PublishesNothingForAReplay) {
  inbox.replay = true;
  const auto sent = notify(trusted(), to_user("bob"), "hi", "key-1");
  ASSERT_TRUE(sent);
  EXPECT_TRUE(sent->replayed);
  EXPECT_TRUE(bus.events.empty());
}

TEST_F(SendingNotifications, TheKeyStandsForRecipientAndText) {
  notify(trusted(), to_user("bob"), "hi", "k");
  const auto first = inbox.key->request_hash;
  notify(trusted(), to_user("bob"), "hi", "k");
  EXPECT_EQ(inbox.key->request_hash, first);
  notify(trusted(), to_store("bob"), "hi", "k");
  EXPECT_NE(inbox.key->request_hash, first);
  notify(trusted(), to_user("bob"), "ho", "k");
  EXPECT_NE(inbox.key->request_hash, first);
}

TEST_F(SendingNotifications, GathersWhatIsWrong) {
  const auto sent = notify(trusted(), {}, "", "has space");
  ASSERT_FALSE(sent);
  std::vector<std::string> codes;
  for (const auto& error : sent.error().all()) codes.push_back(error.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"to-invalid", "text-empty", "idempotency-key-invalid"}));
  EXPECT_EQ(code(trusted(), {.user = "bob", .store = "s1", .company = {}}), "to-invalid");
  EXPECT_EQ(code(trusted(), to_user("")), "user-empty");
  EXPECT_TRUE(inbox.saved.empty());
}

TEST_F(SendingNotifications, TextHasOneTo4000CodePoints) {
  std::string longest;
  for (int i = 0; i < 4000; ++i) longest += "\xC3\xA9";
  EXPECT_TRUE(notify(trusted(), to_user("bob"), longest));
  EXPECT_EQ(notify(trusted(), to_user("bob"), longest + "x").error().first().code, "text-too-long");
}

TEST_F(SendingNotifications, DevelopmentReachesEverybodyOfTheCompany) {
  EXPECT_EQ(code(trusted(), to_store("s1")), "none");
  EXPECT_EQ(code(trusted(), to_company("acme")), "none");
  EXPECT_EQ(code(trusted(), to_company("other")), "not-granted");
}

TEST_F(SendingNotifications, WithoutAGrantOneMayNotifyOneself) {
  const auto ann = person("ann");
  EXPECT_EQ(code(ann, to_user("ann")), "none");
  EXPECT_EQ(code(ann, to_user("bob")), "not-granted");
  EXPECT_EQ(code(ann, to_company("acme")), "not-granted");
}

TEST_F(SendingNotifications, AGrantNamesTheInboxesItReaches) {
  const auto users = granted(person("ann"), "user:b*", {Verb::notify});
  EXPECT_EQ(code(users, to_user("bob")), "none");
  EXPECT_EQ(code(users, to_user("cid")), "not-granted");
  EXPECT_EQ(code(users, to_store("b1")), "not-granted");
  EXPECT_EQ(code(granted(person("ann"), "company:acme", {Verb::notify}), to_company("acme")), "none");
  EXPECT_EQ(code(granted(person("ann"), "*", {Verb::notify}), to_company("other")), "not-granted");
  EXPECT_EQ(code(granted(person("ann"), "*", {Verb::read, Verb::send, Verb::moderate}), to_user("bob")), "not-granted");
  EXPECT_EQ(code(granted(person("ann"), "user:a:b", {Verb::notify}), to_user("a:b")), "not-granted")
      << "ids are percent-encoded in the name";
  EXPECT_EQ(code(granted(person("ann"), "user:a%3Ab", {Verb::notify}), to_user("a:b")), "none");
}

TEST_F(SendingNotifications, WhoeverHasNoNameIsAskedForAToken) {
  EXPECT_EQ(code(nobody(), to_user("anonymous")), "token-required");
}

domain::Credential with_stores(std::vector<std::string> stores) {
  auto who = person("bob");
  for (auto& store : stores) who.stores.push_back(domain::StoreId::trusted(std::move(store)));
  return who;
}

TEST(Inboxes, AreThePersonsTheirStoresAndTheCompanys) {
  const auto inboxes = inboxes_of(with_stores({"s2", "s1", "s2"}));
  ASSERT_TRUE(inboxes);
  std::vector<std::string> names;
  for (const auto& inbox : *inboxes) names.push_back(inbox.to_string());
  EXPECT_EQ(names, (std::vector<std::string>{"acme:user:bob", "acme:store:s1", "acme:store:s2", "acme:company:acme"}));
}

TEST(Inboxes, HaveABound) {
  std::vector<std::string> stores;
  for (int i = 0; i < 64; ++i) stores.push_back("s" + std::to_string(i));
  EXPECT_EQ(inboxes_of(with_stores(stores))->size(), Watch::kMaxChannels);
  stores.emplace_back("one more");
  const auto refused = inboxes_of(with_stores(stores));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().first().code, "too-many-stores");
  EXPECT_EQ(refused.error().first().kind, domain::ErrorKind::validation);
  EXPECT_EQ(inboxes_of(nobody()).error().first().kind, domain::ErrorKind::unauthenticated);
}

TEST(WatchingNotifications, StartsEachInboxWhereTheCursorSays) {
  const auto cursor = MergedCursor::parse("9f3a:user:bob=3,store:foreign=9");
  const auto watch = WatchNotifications{}.execute({*cursor, Delivery::latest}, with_stores({"s1"}));
  ASSERT_TRUE(watch);
  EXPECT_TRUE(watch->merged);
  EXPECT_EQ(watch->delivery, Delivery::latest);
  EXPECT_FALSE(watch->guard);
  ASSERT_EQ(watch->channels.size(), 3U);
  EXPECT_EQ(watch->channels[0].after, (domain::Cursor{"9f3a", 3}));
  EXPECT_FALSE(watch->channels[1].after) << "not named: from now";
  const auto all = WatchNotifications{}.execute({MergedCursor::parse("0").value(), {}}, with_stores({}));
  EXPECT_EQ(all->channels[1].after, domain::Cursor{});
}

struct ReadingNotifications : testing::Test {
  /// The next notification into that inbox, `at` milliseconds.
  void put(const ChannelKey& inbox, int at, std::string text = "hi") {
    stored.append(inbox, domain::Timestamp{std::chrono::milliseconds{at}},
                  domain::NotificationAdded{domain::NotificationId{}, domain::UserId::trusted("ann"),
                                            domain::NotificationText::trusted(std::move(text))});
  }
  auto page(std::optional<MergedCursor> after, std::size_t limit = 100) {
    return run(read.execute({std::move(after), limit}, bob));
  }
  static std::string told(const std::vector<domain::Update>& updates) {
    std::string out;
    for (const auto& update : updates) out += update.channel.local_name() + "=" + std::to_string(update.seq) + " ";
    return out;
  }

  tests::InMemoryLog stored;
  tests::InMemoryUpdateLog log{stored};
  ReadNotifications read{log};
  const domain::Credential bob = with_stores({"s1"});
  const ChannelKey own = ChannelKey::inbox(bob.company, bob.user);
  const ChannelKey store = ChannelKey::inbox(bob.company, bob.stores[0]);
  const ChannelKey company = ChannelKey::inbox(bob.company);
};

TEST_F(ReadingNotifications, GoByTimeAndKeepEachInboxInOrder) {
  put(own, 10);
  put(own, 5);  // its clock was set back: still behind the first
  put(store, 7);
  put(company, 12);
  const auto all = page({});
  ASSERT_TRUE(all);
  EXPECT_EQ(told(all->updates), "store:s1=1 user:bob=1 user:bob=2 company:acme=1 ");
  EXPECT_EQ(all->next.to_string(), stored.epoch + ":company:acme=1,store:s1=1,user:bob=2");
  EXPECT_TRUE(page(all->next)->updates.empty());
}

TEST_F(ReadingNotifications, PagesGiveEachUpdateOnceWhateverTheirSize) {
  std::mt19937 random{7};
  const ChannelKey inboxes[] = {own, store, company};
  for (int i = 0; i < 200; ++i) put(inboxes[random() % 3], static_cast<int>(random() % 500));
  const auto whole = told(page({}, 1000)->updates);
  for (const std::size_t limit : {1, 2, 3, 7, 50, 199, 200}) {
    std::optional<MergedCursor> after;
    std::string seen;
    for (auto got = page(after, limit); !got->updates.empty(); got = page(after, limit)) {
      ASSERT_LE(got->updates.size(), limit);
      seen += told(got->updates);
      after = MergedCursor::parse(got->next.to_string()).value();
    }
    EXPECT_EQ(seen, whole) << limit;
  }
}

TEST_F(ReadingNotifications, PagesEndByTheirTextAndStillGiveEachUpdateOnce) {
  std::mt19937 random{11};
  const ChannelKey inboxes[] = {own, store, company};
  for (int i = 0; i < 120; ++i)
    put(inboxes[random() % 3], static_cast<int>(random() % 500), std::string(4'000, '\x01'));
  std::string whole;
  std::size_t pages = 0;
  std::optional<MergedCursor> after;
  for (auto got = page(after, 1000); !got->updates.empty(); got = page(after, 1000)) {
    ASSERT_LE(got->updates.size(), 10U) << "256 KiB of texts that are 24,000 bytes as JSON";
    whole += told(got->updates);
    after = got->next;
    ++pages;
  }
  EXPECT_EQ(pages, 12U);
  std::string by_one;
  after.reset();
  for (auto got = page(after, 1); !got->updates.empty(); got = page(after, 1)) {
    by_one += told(got->updates);
    after = got->next;
  }
  EXPECT_EQ(whole, by_one);
}

TEST_F(ReadingNotifications, AnInboxThatTheCursorDoesNotNameIsReadFromItsStart) {
  put(own, 1);
  put(company, 2);
  const auto got = page(MergedCursor::parse(stored.epoch + ":user:bob=1,store:foreign=4").value());
  EXPECT_EQ(told(got->updates), "company:acme=1 ");
}

TEST_F(ReadingNotifications, AnotherEpochOrAPlaceAboveAHeadIsAReset) {
  put(own, 1);
  for (const auto& cursor : {std::string{"0000:user:bob=1"}, stored.epoch + ":user:bob=2"}) {
    const auto got = page(MergedCursor::parse(cursor).value());
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->reset) << cursor;
    EXPECT_TRUE(got->updates.empty());
    EXPECT_EQ(got->next.to_string(), stored.epoch + ":company:acme=0,store:s1=0,user:bob=1");
  }
  EXPECT_FALSE(page(MergedCursor::parse(stored.epoch + ":user:bob=1").value())->reset);
}

TEST_F(ReadingNotifications, StartWithTheOldestThatIsHeldAndNeverSkipASeenPlace) {
  for (int i = 0; i < 5; ++i) put(own, i);
  put(company, 9);
  stored.channels.at(own).oldest = 4;
  const auto whole = "user:bob=4 user:bob=5 company:acme=1 ";
  EXPECT_EQ(told(page({})->updates), whole);
  EXPECT_EQ(told(page(MergedCursor::parse("0").value())->updates), whole);
  EXPECT_FALSE(page(MergedCursor::parse(stored.epoch + ":user:bob=3").value())->reset);
  for (const auto* seen : {":user:bob=2", ":user:bob=0"}) {
    const auto got = page(MergedCursor::parse(stored.epoch + seen).value());
    EXPECT_TRUE(got->reset) << seen;
    EXPECT_EQ(got->next.to_string(), stored.epoch + ":company:acme=1,store:s1=0,user:bob=5");
  }
  stored.channels.at(own).oldest = 6;
  EXPECT_EQ(told(page({})->updates), "company:acme=1 ");
}

TEST_F(ReadingNotifications, OthersInboxesAreNotThere) {
  put(ChannelKey::inbox(bob.company, domain::UserId::trusted("cid")), 1);
  put(ChannelKey::inbox(bob.company, domain::StoreId::trusted("s2")), 2);
  put(ChannelKey::inbox(domain::CompanyId::trusted("other"), bob.user), 3);
  EXPECT_TRUE(page(MergedCursor::parse(stored.epoch + ":store:s2=0").value())->updates.empty());
}

TEST_F(ReadingNotifications, BoundsAndNamesAreChecked) {
  EXPECT_EQ(page({}, 1001).error().first().code, "limit-out-of-range");
  EXPECT_EQ(run(read.execute({{}, 10}, nobody())).error().first().code, "token-required");
  stored.available = false;
  EXPECT_EQ(page({}).error().first().kind, domain::ErrorKind::unavailable);
}

}  // namespace
}  // namespace danwa::usecase
