#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/graphql/execute.hpp"
#include "adapters/graphql/parse.hpp"
#include "adapters/graphql/validate.hpp"
#include "support/run_async.hpp"

namespace danwa::adapters::graphql {

/// The schema of the specification's section 5, and what its examples add to it.
inline const Schema& pets() {
  static const Schema schema = Schema::parse(R"(
    scalar Seq
    type Query {
      dog: Dog
      findDog(searchBy: FindDogInput): Dog
      pet: Pet
      catOrDog: CatOrDog
      arguments: Arguments
      seqOf(seq: Seq! = 1): Seq
    }
    input FindDogInput { name: String!  owner: String  age: Int = 3  friend: FindDogInput }
    enum DogCommand { SIT DOWN HEEL @deprecated }
    type Dog implements Pet {
      name: String!
      nickname: String
      barkVolume: Int
      doesKnowCommand(dogCommand: DogCommand!): Boolean!
      isHouseTrained(atOtherHomes: Boolean): Boolean!
      owner: Human
      mother: Dog
    }
    interface Sentient { name: String! }
    interface Pet { name: String! }
    type Alien implements Sentient { name: String!  homePlanet: String }
    type Human implements Sentient { name: String!  pets: [Pet!]  old: Int @deprecated(reason: "Ask \"age\".") }
    enum CatCommand { JUMP }
    type Cat implements Pet {
      name: String!
      nickname: String
      doesKnowCommand(catCommand: CatCommand!): Boolean!
      meowVolume: Int
      barkVolume: String
    }
    union CatOrDog = Cat | Dog
    union HumanOrAlien = Human | Alien
    type Arguments {
      multipleRequirements(x: Int!, y: Int!): Int!
      booleanArgField(booleanArg: Boolean): Boolean
      floatArgField(floatArg: Float): Float
      intArgField(intArg: Int): Int
      idArgField(idArg: ID): ID
      nonNullBooleanArgField(nonNullBooleanArg: Boolean!): Boolean!
      booleanListArgField(booleanListArg: [Boolean]!): [Boolean]
      requiredListArgField(listArg: [Boolean!]): [Boolean]
      optionalNonNullBooleanArgField(optionalBooleanArg: Boolean! = false): Boolean!
    }
    type Mutation { mutateDog(id: ID): ID  first: Int  second: Int }
    type Subscription { newMessage(room: String): Message  disallowed: Boolean }
    type Message { body: String  sender: String!  thread: [Message!] }
    directive @repeated(n: Int) repeatable on FIELD
  )")
                                   .value();
  return schema;
}

inline Document parsed(std::string_view text) {
  auto document = parse(text);
  if (!document) ADD_FAILURE() << document.error().front().message << " in " << text;
  return document ? std::move(*document) : Document{};
}

inline std::vector<std::string> messages(const GraphqlErrors& errors) {
  std::vector<std::string> out;
  for (const auto& error : errors) out.push_back(error.message);
  return out;
}

inline nlohmann::json json(std::string_view text) { return nlohmann::json::parse(text); }

/// One request over `schema` from text to answer, as a door does it.
inline nlohmann::ordered_json ask(const Schema& schema, const Resolvers& resolvers, std::string_view text,
                                  const nlohmann::json& variables = nullptr, const ExecutionLimits& limits = {}) {
  auto document = parse(text);
  if (!document) return failed_request(document.error());
  if (const auto errors = validate(schema, *document); !errors.empty()) return failed_request(errors);
  const auto operation = select_operation(*document, "");
  if (!operation) return failed_request(operation.error());
  const auto coerced = coerce_variables(schema, *document, **operation, variables);
  if (!coerced) return failed_request(coerced.error());
  const Context context{
      {*domain::CompanyId::parse("demo"), *domain::UserId::parse("alice"), {}, std::nullopt, std::nullopt, false}};
  const Execution execution{schema, *document, **operation, *coerced, resolvers, context, limits};
  return usecase::run(execute(execution));
}

/// The code of an answer's first error, or the start of an answer without one.
inline std::string first_code(const nlohmann::ordered_json& answer) {
  if (!answer.contains("errors")) return answer.dump().substr(0, 300);
  return answer["errors"][0]["extensions"]["code"].get<std::string>();
}

/// A resolver that always gives `value`.
inline Resolver always(nlohmann::json value) {
  return [value](const nlohmann::json&, const Context&) -> usecase::Async<domain::Result<nlohmann::json>> {
    co_return value;
  };
}

}  // namespace danwa::adapters::graphql
