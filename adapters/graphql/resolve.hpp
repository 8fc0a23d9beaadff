#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "adapters/protocol/graphql/execution.hpp"
#include "domain/account/credential.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/read_turns.hpp"

// The connection between the language and the chat: resolvers are coroutines that call use cases, and return the errors
// of the domain.
namespace danwa::adapters::graphql {

/// The facts of one request, for its resolvers.
struct Context {
  domain::Credential caller;
  std::optional<domain::Position> seen{};   ///< the answer shows everything that was written up to it
  domain::SeenPosition* told = nullptr;     ///< gathers the position of the answer; outlives the execution
  std::shared_ptr<usecase::Visit> visit{};  ///< of the request; may be null

  void tell(const std::optional<domain::Position>& position) const {
    if (told != nullptr && position) told->saw(*position);
  }
};

/// Answers one root field. `arguments` holds those that were given or have a default, coerced to their types (a `Seq`
/// is a non-negative integer). The result is the value of the field as JSON. Objects hold their fields by name, a
/// missing field is null, and `__typename` names the type of an interface or union. Both references live until the
/// coroutine has ended. An exception leaves `execute`.
using Resolver =
    std::function<usecase::Async<domain::Result<nlohmann::json>>(const nlohmann::json& arguments, const Context&)>;

/// By "Type.field", e.g. "Query.comments".
using Resolvers = std::map<std::string, Resolver, std::less<>>;

/// Executes a query or mutation by `OperationRun`, each root field by its resolver. Returns the whole answer. All
/// references outlive the coroutine.
usecase::Async<nlohmann::ordered_json> execute(const Prepared& prepared, const Resolvers& resolvers,
                                               const Context& context, ExecutionLimits limits = {});

/// One GraphQL error for each domain error, with its code and resource.
GraphqlErrors to_graphql_errors(const domain::Errors& errors);

}  // namespace danwa::adapters::graphql
