#include "adapters/protocol/graphql/schema.hpp"

#include <gtest/gtest.h>

#include "adapters/graphql/resolvers.hpp"
#include "adapters/protocol/graphql/language.hpp"

namespace danwa::adapters::graphql {
namespace {

/// What getIntrospectionQuery() of npm graphql 16 gives with all its options on.
constexpr std::string_view kIntrospectionQuery = R"(
  query IntrospectionQuery {
    __schema {
      description
      queryType { name }
      mutationType { name }
      subscriptionType { name }
      types { ...FullType }
      directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
    }
  }
  fragment FullType on __Type {
    kind name description specifiedByURL
    fields(includeDeprecated: true) {
      name description
      args(includeDeprecated: true) { ...InputValue }
      type { ...TypeRef }
      isDeprecated deprecationReason
    }
    inputFields(includeDeprecated: true) { ...InputValue }
    interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef }
  }
  fragment InputValue on __InputValue {
    name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
  }
  fragment TypeRef on __Type {
    kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
      ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
  })";

nlohmann::ordered_json introspect(const Schema& schema, std::string_view text) { return ask(schema, {}, text); }

const nlohmann::ordered_json& named(const nlohmann::ordered_json& list, std::string_view name) {
  for (const auto& each : list) {
    if (each["name"] == name) return each;
  }
  ADD_FAILURE() << "no " << name;
  return list;
}

TEST(GraphqlSchema, OursIsReadAndEverythingIsDescribed) {
  const auto& schema = danwa_schema();
  for (const auto& [name, type] : schema.types()) EXPECT_FALSE(type.description.empty()) << name;
  for (const auto operation : {OperationType::query, OperationType::mutation, OperationType::subscription}) {
    for (const auto& field : schema.root(operation)->fields) EXPECT_FALSE(field.description.empty()) << field.name;
  }
}

TEST(GraphqlSchema, OursHoldsWhatWasPromised) {
  const auto type_of = [](const char* type, const char* field) {
    const auto* found = danwa_schema().find(type);
    const auto* definition = found ? find_by_name(found->fields, field) : nullptr;
    return definition ? definition->type.to_string() : "absent";
  };
  EXPECT_EQ(type_of("Notification", "text"), "String!");
  EXPECT_EQ(type_of("Notification", "timestamp"), "Int!");
  EXPECT_EQ(type_of("Subscription", "onNotificationReceived"), "Notification!");
  EXPECT_EQ(type_of("Subscription", "onConversationUpdated"), "ConversationUpdate!");
  EXPECT_EQ(type_of("Mutation", "sendNotification"), "Notification!");
  EXPECT_EQ(type_of("Mutation", "sendComment"), "Comment!");
  EXPECT_EQ(type_of("Query", "me"), "Me!");
  EXPECT_EQ(type_of("ConversationUpdate", "cursor"), "String!");
  const auto& watch = *find_by_name(danwa_schema().find("Subscription")->fields, "onConversationUpdated");
  EXPECT_EQ(find_by_name(watch.arguments, "after")->type.to_string(), "String");
}

TEST(GraphqlIntrospection, TheStandardQueryTellsTheWholeSchema) {
  const auto answer = introspect(danwa_schema(), kIntrospectionQuery);
  ASSERT_FALSE(answer.contains("errors")) << answer["errors"].dump();
  const auto& schema = answer["data"]["__schema"];
  EXPECT_EQ(schema["queryType"]["name"], "Query");
  EXPECT_EQ(schema["subscriptionType"]["name"], "Subscription");
  EXPECT_EQ(schema["types"].size(), danwa_schema().types().size());
  const auto& notification = named(schema["types"], "Notification");
  EXPECT_EQ(notification["kind"], "OBJECT");
  EXPECT_EQ(notification["interfaces"].dump(), "[]");
  EXPECT_TRUE(notification["possibleTypes"].is_null());
  EXPECT_TRUE(notification["enumValues"].is_null());
  EXPECT_TRUE(notification["inputFields"].is_null());
  const auto& text = named(notification["fields"], "text");
  EXPECT_EQ(text["type"].dump(),
            R"({"kind":"NON_NULL","name":null,"ofType":{"kind":"SCALAR","name":"String","ofType":null}})");
  const auto& comments = named(named(schema["types"], "Query")["fields"], "comments");
  EXPECT_EQ(named(comments["args"], "limit")["defaultValue"], "50");
  EXPECT_EQ(named(schema["directives"], "skip")["locations"].dump(),
            R"(["FIELD","FRAGMENT_SPREAD","INLINE_FRAGMENT"])");
  for (const auto& type : schema["types"]) {
    EXPECT_EQ(type["fields"].is_array(), type["kind"] == "OBJECT" || type["kind"] == "INTERFACE") << type["name"];
    EXPECT_EQ(type["enumValues"].is_array(), type["kind"] == "ENUM") << type["name"];
  }
}

TEST(GraphqlIntrospection, OfInterfacesUnionsInputsAndDeprecation) {
  const auto answer = introspect(pets(), kIntrospectionQuery);
  ASSERT_FALSE(answer.contains("errors")) << answer["errors"].dump();
  const auto& types = answer["data"]["__schema"]["types"];
  EXPECT_EQ(named(types, "Pet")["possibleTypes"].size(), 2U);
  EXPECT_EQ(named(types, "CatOrDog")["possibleTypes"][0]["name"], "Cat");
  EXPECT_EQ(named(types, "Dog")["interfaces"][0]["name"], "Pet");
  EXPECT_EQ(named(named(types, "FindDogInput")["inputFields"], "age")["defaultValue"], "3");
  EXPECT_EQ(named(named(types, "Human")["fields"], "old")["deprecationReason"], "Ask \"age\".");
  EXPECT_EQ(named(named(types, "DogCommand")["enumValues"], "HEEL")["deprecationReason"], "No longer supported");
  EXPECT_EQ(named(answer["data"]["__schema"]["directives"], "repeated")["isRepeatable"], true);
}

TEST(GraphqlIntrospection, HidesWhatIsDeprecatedUnlessAsked) {
  EXPECT_EQ(introspect(pets(), R"({__type(name:"DogCommand"){enumValues{name}}})").dump(),
            R"({"data":{"__type":{"enumValues":[{"name":"SIT"},{"name":"DOWN"}]}}})");
  EXPECT_EQ(
      introspect(pets(), R"({__type(name:"Human"){a:fields{name} b:fields(includeDeprecated:true){name}}})").dump(),
      R"({"data":{"__type":{"a":[{"name":"name"},{"name":"pets"}],"b":[{"name":"name"},{"name":"pets"},{"name":"old"}]}}})");
}

TEST(GraphqlIntrospection, TypesByName) {
  EXPECT_EQ(
      introspect(pets(), R"(query($n:String!="Dog"){__type(name:$n){__typename name kind} x:__type(name:"No"){name}})")
          .dump(),
      R"({"data":{"__type":{"__typename":"__Type","name":"Dog","kind":"OBJECT"},"x":null}})");
  EXPECT_EQ(
      introspect(pets(), R"({__schema{queryType{fields{name type{name ofType{name}}}}}})")["data"]["__schema"]
                                                                                          ["queryType"]["fields"][0]
                                                                                              .dump(),
      R"({"name":"dog","type":{"name":"Dog","ofType":null}})");
}

}  // namespace
}  // namespace danwa::adapters::graphql
