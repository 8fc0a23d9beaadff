#include "adapters/protocol/graphql/execution.hpp"

#include <gtest/gtest.h>

#include "adapters/protocol/graphql/language.hpp"

namespace danwa::adapters::graphql {
namespace {

/// Gives the arguments back as its value, under `name`.
Resolver echo_as(std::string name) {
  return [name](const nlohmann::json& arguments, const Context&) -> usecase::Async<domain::Result<nlohmann::json>> {
    co_return nlohmann::json{{name, arguments.dump()}};
  };
}

Resolver failing(domain::Errors errors) {
  return [errors](const nlohmann::json&, const Context&) -> usecase::Async<domain::Result<nlohmann::json>> {
    co_return domain::fail(errors);
  };
}

const Resolvers& resolvers() {
  static const Resolvers table{
      {"Query.dog", always(json(R"({"name": "Rex", "barkVolume": 3, "owner": {"name": "Ann", "pets": [
         {"__typename": "Dog", "name": "Rex"}, {"__typename": "Cat", "name": "Tom", "meowVolume": 1}]}})"))},
      {"Query.findDog", echo_as("name")},
      {"Query.pet", always(json(R"({"__typename": "Cat", "name": "Tom"})"))},
      {"Query.catOrDog", always(json(R"({"__typename": "Human", "name": "Ann"})"))},
      {"Query.seqOf", always(9007199254740993)},
  };
  return table;
}

std::string answer(std::string_view text, const nlohmann::json& variables = nullptr) {
  return ask(pets(), resolvers(), text, variables).dump();
}

TEST(GraphqlExecute, AnswersInTheOrderOfTheQuery) {
  EXPECT_EQ(answer("{dog{z:name barkVolume a:name __typename} __typename}"),
            R"({"data":{"dog":{"z":"Rex","barkVolume":3,"a":"Rex","__typename":"Dog"},"__typename":"Query"}})");
}

TEST(GraphqlExecute, WhatAnObjectLacksIsNull) {
  EXPECT_EQ(answer("{dog{nickname mother{name}}}"), R"({"data":{"dog":{"nickname":null,"mother":null}}})");
}

TEST(GraphqlExecute, FragmentsMergeAndFollowTheTypeOfTheObject) {
  EXPECT_EQ(
      answer(
          "{dog{...F name owner{name}}} fragment F on Dog{owner{pets{...on Cat{meowVolume} name ...on Dog{b:name}}}}"),
      R"({"data":{"dog":{"owner":{"pets":[{"name":"Rex","b":"Rex"},{"meowVolume":1,"name":"Tom"}],"name":"Ann"},)"
      R"("name":"Rex"}}})");
}

TEST(GraphqlExecute, SkipAndIncludeDecide) {
  const auto* text =
      "query($yes:Boolean!,$no:Boolean=false){dog{a:name @skip(if:$yes) b:name @include(if:$yes)"
      " c:name @include(if:$no) d:name @skip(if:$no) e:name @skip(if:true) @include(if:true)"
      " ...@include(if:$no){f:name} ...F @skip(if:$yes)}} fragment F on Dog{g:name}";
  EXPECT_EQ(answer(text, {{"yes", true}}), R"({"data":{"dog":{"b":"Rex","d":"Rex"}}})");
}

TEST(GraphqlExecute, ArgumentsAreCoercedAndDefaultsFilledIn) {
  const auto arguments = [](std::string_view text, const nlohmann::json& variables = nullptr) {
    const auto reply = ask(pets(), resolvers(), text, variables);
    return reply.contains("data") ? json(reply["data"]["findDog"]["name"].get<std::string>()).dump() : reply.dump();
  };
  EXPECT_EQ(arguments("{findDog{name}}"), "{}");
  EXPECT_EQ(arguments("{findDog(searchBy:null){name}}"), R"({"searchBy":null})");
  EXPECT_EQ(arguments(R"({findDog(searchBy:{name:"F"}){name}})"), R"({"searchBy":{"age":3,"name":"F"}})");
  EXPECT_EQ(arguments("query($n:String!,$a:Int){findDog(searchBy:{name:$n,age:$a}){name}}", {{"n", "F"}}),
            R"({"searchBy":{"age":3,"name":"F"}})");
  EXPECT_EQ(
      arguments("query($n:String!,$a:Int){findDog(searchBy:{name:$n,age:$a}){name}}", {{"n", "F"}, {"a", nullptr}}),
      R"({"searchBy":{"age":null,"name":"F"}})");
  EXPECT_EQ(arguments("query($d:FindDogInput){findDog(searchBy:$d){name}}"), "{}");
  EXPECT_EQ(arguments("query($d:FindDogInput={name:\"D\"}){findDog(searchBy:$d){name}}"),
            R"({"searchBy":{"age":3,"name":"D"}})");
  EXPECT_EQ(arguments("query($d:FindDogInput){findDog(searchBy:$d){name}}",
                      json(R"({"d": {"name": "V", "friend": {"name": "W"}}})")),
            R"({"searchBy":{"age":3,"friend":{"age":3,"name":"W"},"name":"V"}})");
}

TEST(GraphqlExecute, AVariableThatIsNullWhereNoneMayBeFailsItsField) {
  const auto reply =
      ask(pets(), {{"Query.arguments", always(nlohmann::json::object())}},
          "query($a:Boolean=true){arguments{nonNullBooleanArgField(nonNullBooleanArg:$a)}}", {{"a", nullptr}});
  EXPECT_TRUE(reply["data"]["arguments"].is_null());
  EXPECT_EQ(first_code(reply), "graphql-variables");
  EXPECT_EQ(reply["errors"][0]["path"].dump(), R"(["arguments","nonNullBooleanArgField"])");
}

TEST(GraphqlExecute, SixtyFourBitsSurvive) { EXPECT_EQ(answer("{seqOf}"), R"({"data":{"seqOf":9007199254740993}})"); }

TEST(GraphqlExecute, DomainErrorsKeepTheirCodes) {
  domain::Errors errors = domain::validation_error("content-too-long", "content", "Too long.");
  errors.add(domain::validation_error("key-empty", "", "Empty."));
  const auto reply =
      ask(pets(), {{"Query.dog", failing(errors)}, {"Query.pet", always(nullptr)}}, "{\n a:dog{name} pet{name}}");
  EXPECT_EQ(
      reply.dump(),
      R"({"errors":[{"message":"Too long.","locations":[{"line":2,"column":2}],"path":["a"],)"
      R"("extensions":{"code":"content-too-long","resource":"content"}},)"
      R"({"message":"Empty.","locations":[{"line":2,"column":2}],"path":["a"],"extensions":{"code":"key-empty"}}],)"
      R"("data":{"a":null,"pet":null}})");
}

TEST(GraphqlExecute, NullGoesUpToTheNextPlaceThatMayBeNull) {
  const auto reply = ask(pets(), {{"Query.dog", always(json(R"({"owner": {"name": "A", "pets": [
      {"__typename": "Dog", "name": "Rex"}, {"__typename": "Dog", "name": null}]}})"))}},
                         "{dog{owner{n:name pets{x:name}}}}");
  EXPECT_EQ(reply["data"].dump(), R"({"dog":{"owner":{"n":"A","pets":null}}})");
  EXPECT_EQ(reply["errors"].size(), 1U);
  EXPECT_EQ(reply["errors"][0]["path"].dump(), R"(["dog","owner","pets",1,"x"])");
  EXPECT_EQ(reply["errors"][0]["locations"].dump(), R"([{"line":1,"column":24}])");
}

TEST(GraphqlExecute, ANullThatMayNotBeAtTheRootTakesAllData) {
  const auto reply = ask(plain(), {{"Query.b", always(1)}}, "{b a}");
  EXPECT_TRUE(reply["data"].is_null());
  EXPECT_EQ(reply["errors"][0]["message"], "Nothing answers Query.a.");
  EXPECT_EQ(first_code(reply), "internal");
}

TEST(GraphqlExecute, ValuesThatDoNotFitAreErrors) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"i", "2147483648"}, {"i", "1.5"},    {"i", R"("1")"}, {"s", "1"},          {"f", R"("1")"},
      {"b", "1"},          {"d", "1.5"},    {"l", "1"},      {"l", R"([1,"x"])"}, {"o", "1"},
      {"o", "[]"},         {"e", R"("B")"}, {"e", "1"},      {"q", "-1"},         {"q", "18446744073709551615"}};
  for (const auto& [name, value] : cases) {
    const auto reply =
        ask(leaves(), {{"Query." + name, always(json(value))}}, '{' + name + (name == "o" ? "{x}}" : "}"));
    const auto expected = name == "l" && value != "1" ? "[1,null]" : "null";
    EXPECT_EQ(reply["data"][name].dump(), expected) << name << ' ' << value;
    EXPECT_EQ(first_code(reply), "graphql-result") << name << ' ' << value;
  }
  EXPECT_EQ(ask(leaves(), {{"Query.d", always(7)}, {"Query.f", always(1)}}, "{d f}")["data"].dump(),
            R"({"d":"7","f":1})");
}

TEST(GraphqlExecute, AnObjectMustBeOneOfItsUnion) {
  const auto reply = ask(pets(), resolvers(), "{catOrDog{__typename} pet{__typename name}}");
  EXPECT_EQ(reply["data"].dump(), R"({"catOrDog":null,"pet":{"__typename":"Cat","name":"Tom"}})");
  EXPECT_EQ(reply["errors"][0]["message"], "The value is no CatOrDog.");
}

TEST(GraphqlExecute, MutationsRunOneAfterTheOther) {
  std::string order;
  const auto note = [&order](std::string name) {
    return [&order, name](const nlohmann::json&, const Context&) -> usecase::Async<domain::Result<nlohmann::json>> {
      order += name + "(";
      co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
      order += ")";
      co_return 1;
    };
  };
  const Resolvers table{{"Mutation.first", note("first")}, {"Mutation.second", note("second")}};
  EXPECT_EQ(ask(pets(), table, "mutation{second a:first first}").dump(), R"({"data":{"second":1,"a":1,"first":1}})");
  EXPECT_EQ(order, "second()first()first()");
}

TEST(GraphqlExecute, ResolversLearnWhoCalls) {
  const Resolver who = [](const nlohmann::json&,
                          const Context& context) -> usecase::Async<domain::Result<nlohmann::json>> {
    co_return nlohmann::json{{"name", context.caller.user.value()}};
  };
  EXPECT_EQ(ask(pets(), {{"Query.dog", who}}, "{dog{name}}").dump(), R"({"data":{"dog":{"name":"alice"}}})");
}

TEST(GraphqlExecute, WhatAResolverThrowsLeaves) {
  const Resolver thrower = [](const nlohmann::json&, const Context&) -> usecase::Async<domain::Result<nlohmann::json>> {
    throw std::runtime_error{"defect"};
    co_return nullptr;
  };
  const Resolvers table{{"Query.dog", thrower}};
  EXPECT_THROW(ask(pets(), table, "{dog{name}}"), std::runtime_error);
}

TEST(GraphqlExecute, OperationsAreChosenByName) {
  const auto document = parsed("query A{dog{name}} query B{pet{name}}");
  EXPECT_EQ((*select_operation(document, "B"))->name, "B");
  EXPECT_EQ(select_operation(document, "").error().front().code, "graphql-operation");
  EXPECT_EQ(select_operation(document, "C").error().front().code, "graphql-operation");
  EXPECT_EQ(select_operation(parsed("fragment F on Dog{name}"), "").error().front().message,
            "The document has no operation.");
  EXPECT_EQ(select_operation(parsed("{dog{name}}"), "").value()->type, OperationType::query);
}

TEST(GraphqlVariables, AreCoercedByTheirTypes) {
  const auto coerced = [](const std::string& type, const std::string& value) -> std::string {
    const auto document = parsed("query($v:" + type + "){a}");
    const auto out = coerce_variables(pets(), document, document.operations[0], {{"v", json(value)}});
    return out ? (*out)["v"].dump() : out.error().front().message;
  };
  EXPECT_EQ(coerced("Int", "5"), "5");
  EXPECT_EQ(coerced("Int", "5.0"), "5");
  EXPECT_EQ(coerced("Int", "5.5"), "The variable $v is not of type Int.");
  EXPECT_EQ(coerced("Int", "2147483648"), "The variable $v is not of type Int.");
  EXPECT_EQ(coerced("Int", "1e300"), "The variable $v is not of type Int.");
  EXPECT_EQ(coerced("Float", "5"), "5");
  EXPECT_EQ(coerced("String", "5"), "The variable $v is not of type String.");
  EXPECT_EQ(coerced("ID", "5"), R"("5")");
  EXPECT_EQ(coerced("ID", "true"), "The variable $v is not of type ID.");
  EXPECT_EQ(coerced("Boolean", "0"), "The variable $v is not of type Boolean.");
  EXPECT_EQ(coerced("Seq", "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(coerced("Seq", R"("9223372036854775807")"), "9223372036854775807");
  EXPECT_EQ(coerced("Seq", "9223372036854775808"), "The variable $v is not of type Seq.");
  EXPECT_EQ(coerced("Seq", R"("1x")"), "The variable $v is not of type Seq.");
  EXPECT_EQ(coerced("DogCommand", R"("SIT")"), R"("SIT")");
  EXPECT_EQ(coerced("DogCommand", R"("JUMP")"), "The variable $v is no value of DogCommand.");
  EXPECT_EQ(coerced("[Int]", "1"), "[1]");
  EXPECT_EQ(coerced("[[Int]]", "1"), "[[1]]");
  EXPECT_EQ(coerced("[Int]", "[1, null]"), "[1,null]");
  EXPECT_EQ(coerced("[Int!]", "[1, null]"), "The variable $v[1] must not be null: it is of type Int!.");
  EXPECT_EQ(coerced("Int!", "null"), "The variable $v must not be null: it is of type Int!.");
  EXPECT_EQ(coerced("FindDogInput", R"({"name": "F"})"), R"({"age":3,"name":"F"})");
  EXPECT_EQ(coerced("FindDogInput", R"({})"), "The variable $v.name is missing: it is of type String!.");
  EXPECT_EQ(coerced("FindDogInput", R"({"name": "F", "x": 1})"),
            "The variable $v has a field that FindDogInput does not have.");
  EXPECT_EQ(coerced("FindDogInput", R"("x")"), "The variable $v is not an object, as FindDogInput wants it.");
}

TEST(GraphqlVariables, AbsentOnesHaveDefaultsOrAreAbsent) {
  const auto document = parsed("query($a:Int,$b:Int=2,$c:Int){a}");
  const auto out = coerce_variables(pets(), document, document.operations[0], json(R"({"c": null, "unknown": [1]})"));
  EXPECT_EQ(out->dump(), R"({"b":2,"c":null})");
  const auto required = parsed("query($a:Int!,$b:[Int]!){a}");
  EXPECT_EQ(coerce_variables(pets(), required, required.operations[0], nullptr).error().size(), 2U);
  EXPECT_EQ(coerce_variables(pets(), required, required.operations[0], json("[1]")).error().front().code,
            "graphql-variables");
}

}  // namespace
}  // namespace danwa::adapters::graphql
