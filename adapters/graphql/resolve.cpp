#include "adapters/graphql/resolve.hpp"

namespace danwa::adapters::graphql {

usecase::Async<nlohmann::ordered_json> execute(const Prepared& prepared, const Resolvers& resolvers,
                                               const Context& context, ExecutionLimits limits) {
  OperationRun run{prepared, limits};
  while (const auto field = run.next()) {
    const auto resolver = resolvers.find(field->name);
    if (resolver == resolvers.end()) {
      run.fail({{"Nothing answers " + field->name + '.', "internal"}});
      continue;
    }
    const auto value = co_await resolver->second(field->arguments, context);
    if (value) {
      run.answer(*value);
    } else {
      run.fail(to_graphql_errors(value.error()));
    }
    if (context.visit) context.visit->hold(run.spent());
  }
  if (context.visit) context.visit->hold(run.spent());  // fields that the engine answers itself
  co_return run.result();
}

GraphqlErrors to_graphql_errors(const domain::Errors& errors) {
  GraphqlErrors out;
  for (const auto& error : errors.all()) out.push_back({error.message, error.code, error.resource});
  return out;
}

}  // namespace danwa::adapters::graphql
