#include "adapters/protocol/graphql/subscription.hpp"

#include <gtest/gtest.h>

#include "adapters/protocol/graphql/language.hpp"

namespace danwa::adapters::graphql {
namespace {

Outcome<Subscription> prepare(std::string_view text, const nlohmann::json& variables = nullptr) {
  auto document = std::make_shared<const Document>(parsed(text));
  EXPECT_EQ(messages(validate(pets(), *document)), std::vector<std::string>{}) << text;
  const auto& operation = document->operations[0];
  auto coerced = coerce_variables(pets(), *document, operation, variables);
  return prepare_subscription({pets(), document, operation, std::move(*coerced)});
}

std::string fingerprint(std::string_view text, const nlohmann::json& variables = nullptr) {
  return prepare(text, variables)->fingerprint;
}

TEST(GraphqlSubscription, NamesItsSourceAndArguments) {
  const auto subscription = prepare("subscription($r:String){m:newMessage(room:$r){body}}", {{"r", "lobby"}});
  EXPECT_EQ(subscription->field, "newMessage");
  EXPECT_EQ(subscription->response_name, "m");
  EXPECT_EQ(subscription->arguments.dump(), R"({"room":"lobby"})");
}

TEST(GraphqlSubscription, ProjectsAnEvent) {
  const auto subscription = prepare("subscription{m:newMessage{s:sender body __typename thread{body}}}");
  const auto event =
      json(R"({"body": "hi", "sender": "ann", "secret": 1, "thread": [{"body": "re", "sender": "bob"}]})");
  EXPECT_EQ(project(*subscription, event).dump(),
            R"({"data":{"m":{"s":"ann","body":"hi","__typename":"Message","thread":[{"body":"re"}]}}})");
}

TEST(GraphqlSubscription, AnEventThatLacksWhatMustBeThereIsAnError) {
  const auto subscription = prepare("subscription{newMessage{sender}}");
  const auto answer = project(*subscription, json(R"({"body": "hi"})"));
  EXPECT_EQ(answer["data"].dump(), R"({"newMessage":null})");
  EXPECT_EQ(answer["errors"][0]["path"].dump(), R"(["newMessage","sender"])");
}

TEST(GraphqlSubscription, EqualSelectionsHaveEqualFingerprints) {
  const auto plain = fingerprint("subscription{newMessage{body sender}}");
  EXPECT_EQ(plain, "newMessage{body sender}");
  EXPECT_EQ(fingerprint("subscription S{newMessage(room:\"x\"){...F}} fragment F on Message{body ...{sender body}}"),
            plain);
  EXPECT_EQ(fingerprint("subscription($v:Boolean!){newMessage{body sender x:body @skip(if:$v)}}", {{"v", true}}),
            plain);
}

TEST(GraphqlSubscription, OtherSelectionsHaveOtherFingerprints) {
  const std::vector<std::string> texts{"{newMessage{body sender}}",
                                       "{newMessage{sender body}}",
                                       "{newMessage{body}}",
                                       "{m:newMessage{body}}",
                                       "{newMessage{body:sender}}",
                                       "{newMessage{a:body}}",
                                       "{newMessage{thread{body}}}",
                                       "{newMessage{thread{body} body}}",
                                       "{newMessage{thread{a:body}}}",
                                       "{disallowed}",
                                       "{newMessage{__typename body}}",
                                       "{newMessage{b:thread{body}}}"};
  std::set<std::string> seen;
  for (const auto& text : texts) EXPECT_TRUE(seen.insert(fingerprint("subscription" + text)).second) << text;
}

TEST(GraphqlSubscription, NothingLeftToWatchIsRefused) {
  const auto subscription = prepare("subscription($v:Boolean!){newMessage @skip(if:$v){body}}", {{"v", true}});
  ASSERT_FALSE(subscription);
  EXPECT_EQ(subscription.error().front().code, "graphql-operation");
}

TEST(GraphqlSubscription, SelectionsThatExplodeAreRefused) {
  std::string text = "subscription{newMessage{...F0}}";
  for (int i = 0; i < 40; ++i) {
    const auto next = "{...F" + std::to_string(i + 1) + "}";
    text += "fragment F" + std::to_string(i) + " on Message{body " +
            (i < 39 ? "a:thread" + next + "b:thread" + next : "") + "}";
  }
  const auto subscription = prepare(text);
  ASSERT_FALSE(subscription);
  EXPECT_EQ(subscription.error().front().code, "graphql-limit");
}

}  // namespace
}  // namespace danwa::adapters::graphql
