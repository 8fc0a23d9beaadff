#include <gtest/gtest.h>

#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"

namespace danwa::domain {
namespace {

ConversationKey key(const char* text) { return ConversationKey::trusted(text); }

Credential somebody() {
  return {CompanyId::trusted("acme"), UserId::trusted("ann"), {}, std::nullopt, std::nullopt, false};
}

TEST(Grant, MatchesStarsAgainstAnyRun) {
  const std::vector<Verb> read{Verb::read};
  EXPECT_TRUE((Grant{"*", read}.allows(Verb::read, "anything")));
  EXPECT_TRUE((Grant{"sales-*", read}.allows(Verb::read, "sales-")));
  EXPECT_TRUE((Grant{"*-2026-*", read}.allows(Verb::read, "a-2026-b-2026-c")));
  EXPECT_FALSE((Grant{"sales-*", read}.allows(Verb::read, "presales-1")));
  EXPECT_FALSE((Grant{"sales", read}.allows(Verb::read, "sales1")));
  EXPECT_FALSE((Grant{"*x", read}.allows(Verb::read, "xy")));
  EXPECT_FALSE((Grant{"*", read}.allows(Verb::send, "anything")));
}

TEST(Grant, TakesNoOtherCharacterAsSpecial) {
  EXPECT_FALSE((Grant{"a?c", {Verb::read}}.allows(Verb::read, "abc")));
  EXPECT_FALSE((Grant{"[a]", {Verb::read}}.allows(Verb::read, "a")));
}

TEST(Credential, WithoutGrantsReadsAndSendsEverywhereInItsCompany) {
  EXPECT_TRUE(somebody().allows(Verb::read, key("x")));
  EXPECT_TRUE(somebody().allows(Verb::send, key("x")));
  EXPECT_FALSE(somebody().allows(Verb::moderate, key("x")));
}

TEST(Credential, WithGrantsHasThoseOnly) {
  Credential who = somebody();
  who.grants = std::vector<Grant>{{"news-*", {Verb::read}}, {"team", {Verb::read, Verb::send}}};
  EXPECT_TRUE(who.allows(Verb::read, key("news-1")));
  EXPECT_FALSE(who.allows(Verb::send, key("news-1")));
  EXPECT_TRUE(who.allows(Verb::send, key("team")));
  EXPECT_FALSE(who.allows(Verb::read, key("other")));
  who.grants->clear();
  EXPECT_FALSE(who.allows(Verb::read, key("team")));
}

TEST(Credential, AnonymousReadsAndNothingElse) {
  Credential who = somebody();
  who.anonymous = true;
  EXPECT_TRUE(who.allows(Verb::read, key("x")));
  EXPECT_FALSE(who.allows(Verb::send, key("x")));
}

TEST(Credential, NotifiesItselfAndWhomItsGrantsName) {
  Credential who = somebody();
  EXPECT_TRUE(who.may_notify("user:ann"));
  EXPECT_FALSE(who.may_notify("user:bob"));
  who.grants = std::vector<Grant>{{"user:b*", {Verb::notify}}, {"store:*", {Verb::read, Verb::send}}};
  EXPECT_TRUE(who.may_notify("user:bob"));
  EXPECT_TRUE(who.may_notify("user:ann"));
  EXPECT_FALSE(who.may_notify("user:cid"));
  EXPECT_FALSE(who.may_notify("store:s1"));
  who.grants.reset();
  who.trusted = true;
  EXPECT_TRUE(who.may_notify("company:acme"));
  who.anonymous = true;
  EXPECT_FALSE(who.may_notify("user:ann"));
}

TEST(Combine, GivesAllValuesOrAllErrors) {
  const auto good = combine(Result<int>{1}, Result<std::string>{"two"});
  ASSERT_TRUE(good);
  EXPECT_EQ(std::get<1>(*good), "two");
  const Result<int> bad = fail(validation_error("a", "x", "no"));
  const Result<int> worse = fail(validation_error("b", "y", "no"));
  const auto failed = combine(bad, Result<int>{1}, worse);
  ASSERT_FALSE(failed);
  ASSERT_EQ(failed.error().all().size(), 2U);
  EXPECT_EQ(failed.error().all()[1].code, "b");
}

}  // namespace
}  // namespace danwa::domain
