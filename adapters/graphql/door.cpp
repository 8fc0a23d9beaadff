#include "adapters/graphql/door.hpp"

#include <utility>

namespace danwa::adapters::graphql {

using nlohmann::ordered_json;
using usecase::Async;

Door::Door(const UseCases& use_cases, const usecase::TokenVerifier& tokens, UpdateFeed& feed)
    : schema_{danwa_schema()},
      use_cases_{use_cases},
      tokens_{tokens},
      feed_{feed},
      documents_{schema_},
      resolvers_{make_resolvers(use_cases_)} {}

Outcome<Prepared> Door::prepare(const Params& params) {
  auto document = documents_.prepare(params.query);
  if (!document) return graphql::refuse(std::move(document).error());
  const auto operation = select_operation(**document, params.operation_name);
  if (!operation) return graphql::refuse(operation.error());
  auto variables = coerce_variables(schema_, **document, **operation, params.variables);
  if (!variables) return graphql::refuse(std::move(variables).error());
  return Prepared{std::move(*document), *operation, std::move(*variables)};
}

Async<ordered_json> Door::run(Prepared prepared, Context context) const {
  const Execution execution{.schema = schema_,
                            .document = *prepared.document,
                            .operation = *prepared.operation,
                            .variables = prepared.variables,
                            .resolvers = resolvers_,
                            .context = context};
  co_return co_await execute(execution);
}

Outcome<Subscription> Door::read_subscription(Prepared prepared) const {
  return prepare_subscription(schema_, std::move(prepared.document), *prepared.operation,
                              std::move(prepared.variables));
}

Async<domain::Result<usecase::Watch>> Door::watch(Subscription subscription, domain::Credential caller,
                                                  std::optional<domain::Position> seen) const {
  co_return co_await open_watch(use_cases_, std::move(subscription), std::move(caller), std::move(seen));
}

}  // namespace danwa::adapters::graphql
