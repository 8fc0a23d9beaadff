#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/graphql/document.hpp"
#include "adapters/graphql/schema.hpp"
#include "domain/account/credential.hpp"
#include "domain/channel/position.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/visit.hpp"

namespace danwa::adapters::graphql {

/// What every resolver of one request is told beside its arguments.
struct Context {
  domain::Credential caller;
  std::optional<domain::Position> seen{};   ///< all that was written up to there is to be shown
  domain::SeenPosition* told = nullptr;     ///< gathers what the answer will have shown; outlives the execution
  std::shared_ptr<usecase::Visit> visit{};  ///< of the request; may be null

  void tell(const std::optional<domain::Position>& position) const {
    if (told != nullptr && position) told->saw(*position);
  }
};

/// Answers one root field. `arguments` holds those that were given or have a default, coerced to their types
/// (a `Seq` is a non-negative integer). The answer is the field's value as JSON: objects hold their fields by
/// name, a field that is missing is null; of an interface or union, `__typename` says which. Both references
/// live until the coroutine has ended. What it throws leaves `execute`.
using Resolver =
    std::function<usecase::Async<domain::Result<nlohmann::json>>(const nlohmann::json& arguments, const Context&)>;

/// By "Type.field", e.g. "Query.comments".
using Resolvers = std::map<std::string, Resolver, std::less<>>;

struct ExecutionLimits {
  std::size_t max_root_fields = 16;                ///< each may cost a read of the database
  std::size_t max_answer_bytes = 4 * 1024 * 1024;  ///< aliases multiply what a short query asks for
};

/// The operation that a request means. Errors (`graphql-operation`): none of that name, or several and no name.
Outcome<const Operation*> select_operation(const Document& document, std::string_view name);

/// The values of the operation's variables: given ones coerced, defaults filled in, the rest absent. `given`
/// is an object or null; names that the operation does not define are ignored. Errors: `graphql-variables`.
Outcome<nlohmann::json> coerce_variables(const Schema& schema, const Document& document, const Operation& operation,
                                         const nlohmann::json& given);

/// One validated operation, ready to run. All references outlive the execution.
struct Execution {
  const Schema& schema;
  const Document& document;
  const Operation& operation;       ///< a query or mutation of `document`
  const nlohmann::json& variables;  ///< as `coerce_variables` gave them
  const Resolvers& resolvers;
  const Context& context;
  ExecutionLimits limits = {};
};

/// Runs root fields one after the other, in the order of the query (so mutations are serial). Answers
/// `{errors?, data}`: fields in the order of the query; a failed field is null and has an error with its
/// path, and a null where the schema forbids it makes its parent null. Without `data` (`{errors}` only): a
/// limit was exceeded, and nothing was run.
usecase::Async<nlohmann::ordered_json> execute(const Execution& execution);

}  // namespace danwa::adapters::graphql
