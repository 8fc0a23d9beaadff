#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/graphql/resolve.hpp"
#include "adapters/protocol/graphql/parser.hpp"
#include "adapters/protocol/graphql/validation.hpp"
#include "support/run_async.hpp"

namespace danwa::adapters::graphql {

// The schemas of pets.graphql and the others, compiled by the build.
const Schema& pets();
const Schema& plain();
const Schema& leaves();

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

/// One request over `schema` from text to answer, as an endpoint does it.
inline nlohmann::ordered_json ask(const Schema& schema, const Resolvers& resolvers, std::string_view text,
                                  const nlohmann::json& variables = nullptr, const ExecutionLimits& limits = {}) {
  auto document = parse(text);
  if (!document) return failed_request(document.error());
  if (const auto errors = validate(schema, *document); !errors.empty()) return failed_request(errors);
  const auto shared = std::make_shared<const Document>(std::move(*document));
  const auto operation = select_operation(*shared, "");
  if (!operation) return failed_request(operation.error());
  const auto coerced = coerce_variables(schema, *shared, **operation, variables);
  if (!coerced) return failed_request(coerced.error());
  const Context context{
      {*domain::CompanyId::parse("demo"), *domain::UserId::parse("alice"), {}, std::nullopt, std::nullopt, false}};
  const Prepared prepared{schema, shared, **operation, *coerced};
  return usecase::run(execute(prepared, resolvers, context, limits));
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
