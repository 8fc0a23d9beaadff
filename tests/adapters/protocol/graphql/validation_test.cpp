#include <gtest/gtest.h>

#include "adapters/protocol/graphql/language.hpp"

namespace danwa::adapters::graphql {
namespace {

/// Examples of one rule, mostly the specification's own; `wrong` must be refused with a message that holds
/// `because`, and with nothing else.
struct Rule {
  const char* name;
  std::vector<std::string> right;
  std::vector<std::string> wrong;
  const char* because;
};

const std::string kDogFields = " fragment F on Dog { name }";

const std::vector<Rule> kRules{
    {"operation names are unique",
     {"query A{dog{name}} query B{dog{name}}", "{dog{name}}"},
     {"query A{dog{name}} query A{dog{name}}", "query A{dog{name}} mutation A{first}"},
     "two operations named \"A\""},
    {"an anonymous operation is alone",
     {"query{dog{name}}"},
     {"{dog{name}} query A{dog{name}}", "query A{dog{name}} {dog{name}}"},
     "must be the only one"},
    {"a subscription has one root field",
     {"subscription{newMessage{body sender}}", "subscription{...S} fragment S on Subscription{newMessage{body}}",
      "subscription{newMessage{body} newMessage{sender}}"},
     {"subscription{newMessage{body} disallowed}",
      "subscription{...S} fragment S on Subscription{newMessage{body} disallowed}",
      "subscription{newMessage{body} ...{again: newMessage{body}}}"},
     "exactly one field"},
    {"a subscription's field is not of introspection",
     {},
     {"subscription{__typename}", "subscription{x: __typename}",
      "subscription{...S} fragment S on Subscription{__typename}"},
     "must not be one of introspection"},
    {"fields exist",
     {"{dog{name __typename}}", "{pet{name ...on Dog{barkVolume}}}", "{catOrDog{__typename ...on Pet{name}}}",
      "{__schema{queryType{name}} __type(name:\"Dog\"){name} __typename}"},
     {"{dog{meowVolume}}", "{dog{barkVolume:kawVolume}}", "{pet{nickname}}", "{catOrDog{name}}", "{dog{__schema}}",
      "mutation{__type(name:\"Dog\"){name}}"},
     "has no field"},
    {"leaves have no selections",
     {"{dog{barkVolume}}"},
     {"{dog{barkVolume{sinceWhen}}}", "{dog{name{x}}}"},
     "has no fields of its own"},
    {"what is no leaf has selections", {}, {"{dog}", "{pet}", "{catOrDog}", "{dog{owner}}"}, "needs a selection"},
    {"arguments exist",
     {"{dog{isHouseTrained(atOtherHomes:true)}}", "{dog{name @include(if:true)}}"},
     {"{dog{isHouseTrained(atHomes:true)}}", "{dog{name @include(if:true, unless:false)}}", "{dog(name:1){name}}"},
     "has no argument"},
    {"arguments are unique",
     {},
     {"{arguments{intArgField(intArg:1, intArg:1)}}", "{dog{name @skip(if:true, if:true)}}"},
     "is given twice"},
    {"required arguments are there",
     {"{arguments{multipleRequirements(x:1, y:2)}}", "{arguments{optionalNonNullBooleanArgField}}"},
     {"{dog{doesKnowCommand}}", "{arguments{nonNullBooleanArgField}}", "{dog{name @skip}}", "{__type{name}}"},
     "needs the argument"},
    {"fragment names are unique", {}, {"{dog{...F}}" + kDogFields + kDogFields}, "two fragments named \"F\""},
    {"types of fragments exist",
     {"{dog{...on Dog{name} ...{name} ...@include(if:true){name}}}"},
     {"{dog{...on NotInSchema{name}}}", "{dog{...F}} fragment F on Nothing{name}"},
     "There is no type"},
    {"fragments are on composite types",
     {},
     {"{dog{...F}} fragment F on Int{something}", "{dog{...on Boolean{x}}}", "{dog{...on FindDogInput{name}}}"},
     "which has no fields"},
    {"fragments are used",
     {},
     {"{dog{name}}" + kDogFields, "{dog{name}} fragment F on Dog{...G} fragment G on Dog{name}"},
     "is not used"},
    {"spread fragments exist", {}, {"{dog{...undefined}}"}, "There is no fragment \"undefined\""},
    {"fragments do not contain themselves",
     {"{dog{...F owner{name}}} fragment F on Dog{mother{...G}} fragment G on Dog{name}"},
     {"{dog{...F}} fragment F on Dog{mother{...F}}",
      "{dog{...F}} fragment F on Dog{...G} fragment G on Dog{...H} fragment H on Dog{...F}"},
     "contains itself"},
    {"spreads are possible",
     {"{dog{...on Pet{name}}}", "{pet{...on Dog{name}}}", "{pet{...on CatOrDog{...on Cat{meowVolume}}}}",
      "{dog{owner{...on Sentient{...on HumanOrAlien{...on Human{name}}}}}}"},
     {"{dog{...on Cat{meowVolume}}}", "{dog{...F}} fragment F on Cat{name}", "{pet{...on Human{name}}}",
      "{pet{...on Sentient{name}}}", "{pet{...on HumanOrAlien{__typename}}}"},
     "spread here"},
    {"values fit their types",
     {"{arguments{booleanArgField(booleanArg:true)}}", "{arguments{floatArgField(floatArg:1)}}",
      "{arguments{idArgField(idArg:1)}}", "{arguments{intArgField(intArg:-2147483648)}}",
      "{arguments{booleanListArgField(booleanListArg:true)}}",
      "{arguments{booleanListArgField(booleanListArg:[true,null])}}",
      "{findDog(searchBy:{name:\"F\", owner:null}){name}}", "{findDog(searchBy:null){name}}",
      "query($d:FindDogInput={name:\"F\"}){findDog(searchBy:$d){name}}", "{seqOf(seq:9223372036854775807)}",
      "{seqOf(seq:\"12\")}", "{dog{doesKnowCommand(dogCommand:SIT)}}"},
     {"{arguments{intArgField(intArg:\"123\")}}", "{arguments{intArgField(intArg:2147483648)}}",
      "{arguments{intArgField(intArg:1.0)}}", "{arguments{floatArgField(floatArg:1e999)}}",
      "{arguments{booleanArgField(booleanArg:1)}}", "{arguments{idArgField(idArg:1.5)}}",
      "{dog{doesKnowCommand(dogCommand:JUMP)}}", "{dog{doesKnowCommand(dogCommand:\"SIT\")}}",
      "{arguments{booleanListArgField(booleanListArg:[true,1])}}", "{seqOf(seq:-1)}",
      "{seqOf(seq:9223372036854775808)}", "{seqOf(seq:\"x\")}", "{arguments{intArgField(intArg:[1])}}",
      "{arguments{intArgField(intArg:{a:1})}}", "query($a:Int=\"x\"){arguments{intArgField(intArg:$a)}}",
      "{dog{name @skip(if:\"yes\")}}"},
     "is not of type"},
    {"objects are objects",
     {},
     {"{findDog(searchBy:\"F\"){name}}", "{findDog(searchBy:1){name}}"},
     "is no object of type"},
    {"null stands where it may",
     {},
     {"{dog{doesKnowCommand(dogCommand:null)}}", "{arguments{requiredListArgField(listArg:[true,null])}}",
      "{findDog(searchBy:{name:null}){name}}", "query($a:Int!=null){arguments{intArgField(intArg:$a)}}"},
     "must not be null"},
    {"input fields exist", {}, {"{findDog(searchBy:{name:\"F\", favoriteCookie:\"x\"}){name}}"}, "has no input field"},
    {"input fields are unique",
     {},
     {"{findDog(searchBy:{name:\"F\", name:\"F\"}){name}}"},
     "stands twice in one object"},
    {"required input fields are there",
     {"{findDog(searchBy:{name:\"F\", friend:{name:\"G\"}}){name}}"},
     {"{findDog(searchBy:{owner:\"F\"}){name}}", "{findDog(searchBy:{name:\"F\", friend:{}}){name}}"},
     "is missing"},
    {"directives exist", {}, {"{dog{name @unknown}}", "query @unknown {dog{name}}"}, "There is no directive @unknown"},
    {"directives stand where they may",
     {"{dog{name @skip(if:false)} ...@skip(if:true){dog{name}}}"},
     {"query @skip(if:true){dog{name}}", "{dog{name @deprecated}}",
      "{dog{...F}} fragment F on Dog @include(if:true){name}",
      "query($a:Int @skip(if:true)){arguments{intArgField(intArg:$a)}}"},
     "cannot stand here"},
    {"directives are unique",
     {"{dog{name @skip(if:true) nickname @skip(if:false)}}", "{dog{name @repeated(n:1) @repeated(n:2)}}",
      "{dog{name @skip(if:true) @include(if:true)}}"},
     {"{dog{name @skip(if:true) @skip(if:false)}}"},
     "only once"},
    {"variables are unique",
     {"query A($a:Boolean){dog{isHouseTrained(atOtherHomes:$a)}} query "
      "B($a:Boolean){dog{isHouseTrained(atOtherHomes:$a)}}"},
     {"query($a:Boolean,$a:Boolean){dog{isHouseTrained(atOtherHomes:$a)}}"},
     "is defined twice"},
    {"variables are of input types",
     {"query($b:[Boolean]!){arguments{booleanListArgField(booleanListArg:$b)}}"},
     {"query($a:Dog){dog{isHouseTrained(atOtherHomes:$a)}}",
      "query($a:[Pet!]){arguments{booleanArgField(booleanArg:$a)}}"},
     "which only answers have"},
    {"variables are defined",
     {"query($a:Boolean){dog{...V}} fragment V on Dog{isHouseTrained(atOtherHomes:$a)}"},
     {"{dog{isHouseTrained(atOtherHomes:$a)}}", "{dog{...V}} fragment V on Dog{isHouseTrained(atOtherHomes:$a)}",
      "{dog{...V}} fragment V on Dog{...W} fragment W on Dog{name @skip(if:$a)}", "{findDog(searchBy:{name:$a}){name}}",
      "{arguments{booleanListArgField(booleanListArg:[$a])}}"},
     "$a is not defined"},
    {"variables are used",
     {},
     {"query($a:Boolean){dog{name}}", "query($a:Boolean){dog{...F}}" + kDogFields,
      "query A($a:Boolean){dog{isHouseTrained(atOtherHomes:$a)}} query B($a:Boolean){dog{name}}"},
     "$a is not used"},
    {"variables fit where they stand",
     {"query($a:Boolean!){arguments{booleanArgField(booleanArg:$a)}}",
      "query($a:Boolean){arguments{optionalNonNullBooleanArgField(optionalBooleanArg:$a)}}",
      "query($a:Boolean=true){arguments{nonNullBooleanArgField(nonNullBooleanArg:$a)}}",
      "query($a:[Boolean]!){arguments{booleanListArgField(booleanListArg:$a)}}",
      "query($a:Boolean){arguments{booleanListArgField(booleanListArg:[$a])}}",
      "query($a:String!){findDog(searchBy:{name:$a, owner:$a}){name}}"},
     {"query($a:Int){arguments{booleanArgField(booleanArg:$a)}}",
      "query($a:[Boolean]){arguments{booleanArgField(booleanArg:$a)}}",
      "query($a:Boolean){arguments{nonNullBooleanArgField(nonNullBooleanArg:$a)}}",
      "query($a:Boolean=null){arguments{nonNullBooleanArgField(nonNullBooleanArg:$a)}}",
      "query($a:[Boolean]){arguments{booleanListArgField(booleanListArg:$a)}}",
      "query($a:[Boolean]){arguments{requiredListArgField(listArg:$a)}}",
      "query($a:String){findDog(searchBy:{name:$a}){name}}", "query($a:Int){dog{name @skip(if:$a)}}",
      "query($a:Boolean){dog{...V}} fragment V on Dog{name @skip(if:$a)}"},
     "cannot stand where"},
    {"fields of one name can be merged",
     {"{dog{name name}}", "{dog{otherName:name otherName:name}}",
      "{dog{doesKnowCommand(dogCommand:SIT) doesKnowCommand(dogCommand:SIT)}}",
      "query($c:DogCommand!){dog{doesKnowCommand(dogCommand:$c) doesKnowCommand(dogCommand:$c)}}",
      "{pet{...on Dog{volume:barkVolume} ...on Cat{volume:meowVolume}}}",
      "{pet{...on Dog{doesKnowCommand(dogCommand:SIT)} ...on Cat{doesKnowCommand(catCommand:JUMP)}}}",
      "{dog{mother{name} mother{nickname}}}",
      "{arguments{multipleRequirements(x:1,y:2) multipleRequirements(y:2,x:1)}}"},
     {"{dog{name:nickname name}}", "{dog{...F nickname:name}} fragment F on Dog{nickname}",
      "{dog{doesKnowCommand(dogCommand:SIT) doesKnowCommand(dogCommand:HEEL)}}",
      "query($a:DogCommand!,$b:DogCommand!){dog{doesKnowCommand(dogCommand:$a) doesKnowCommand(dogCommand:$b)}}",
      "{dog{isHouseTrained(atOtherHomes:true) isHouseTrained}}",
      "{pet{...on Dog{someValue:nickname} ...on Cat{someValue:meowVolume}}}",
      "{pet{...on Dog{barkVolume} ...on Cat{barkVolume}}}", "{dog{mother{x:name} mother{x:nickname}}}",
      "{dog{mother{mother{x:name}} ...F}} fragment F on Dog{mother{mother{x:barkVolume}}}",
      "{pet{...on Dog{x:owner{name}} ...on Cat{x:nickname}}}", "{dog{...on Pet{name} ...on Dog{name:nickname}}}"},
     "cannot be merged"},
};

TEST(GraphqlValidation, RightExamplesPass) {
  for (const auto& rule : kRules) {
    for (const auto& text : rule.right) {
      EXPECT_EQ(messages(validate(pets(), parsed(text))), std::vector<std::string>{}) << rule.name << ": " << text;
    }
  }
}

TEST(GraphqlValidation, WrongExamplesAreRefusedForTheirOneReason) {
  for (const auto& rule : kRules) {
    for (const auto& text : rule.wrong) {
      const auto errors = validate(pets(), parsed(text));
      EXPECT_FALSE(errors.empty()) << rule.name << ": " << text;
      for (const auto& error : errors) {
        EXPECT_NE(error.message.find(rule.because), std::string::npos) << text << ": " << error.message;
        EXPECT_EQ(error.code, "graphql-validation");
        EXPECT_FALSE(error.locations.empty()) << text;
      }
    }
  }
}

TEST(GraphqlValidation, AnOperationThatTheSchemaLacksIsRefused) {
  EXPECT_EQ(messages(validate(plain(), parsed("mutation{a}"))),
            std::vector<std::string>{"There are no mutations here."});
}

TEST(GraphqlValidation, AllErrorsComeAtOnceWithTheirPlaces) {
  const auto errors = validate(pets(), parsed("query($a: Int) {\n  dog { wrong }\n  dog(x: $b) { name }\n}"));
  ASSERT_EQ(messages(errors), (std::vector<std::string>{
                                  "The type Dog has no field \"wrong\".", "The field \"dog\" has no argument \"x\".",
                                  "The variable $b is not defined.", "The variable $a is not used.",
                                  "The fields \"dog\" cannot be merged: their arguments differ. Give one of them "
                                  "another alias."}));
  EXPECT_EQ(errors[0].locations, (std::vector<Location>{{2, 9}}));
  EXPECT_EQ(errors[4].locations, (std::vector<Location>{{2, 3}, {3, 3}}));
}

TEST(GraphqlValidation, ErrorsAreBounded) {
  std::string text = "{dog{";
  for (int i = 0; i < 500; ++i) text += "x" + std::to_string(i) + ' ';
  EXPECT_EQ(validate(pets(), parsed(text + "}}")).size(), 20U);
}

}  // namespace
}  // namespace danwa::adapters::graphql
