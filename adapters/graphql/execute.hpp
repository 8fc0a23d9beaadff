#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/graphql/completion.hpp"
#include "adapters/graphql/document.hpp"
#include "adapters/graphql/plan.hpp"
#include "adapters/graphql/schema.hpp"

namespace danwa::adapters::graphql {

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

/// One run of a validated query or mutation, root field by root field, in the order of the query (so mutations are
/// serial). Values come from the caller, who may wait for them as it likes. All references outlive the run, which must
/// not be moved.
///
///     while (const auto field = run.next()) run.answer(value_of(field->name, field->arguments));
///     return run.result();
class OperationRun {
 public:
  struct RootField {
    std::string name;                 ///< "Type.field", e.g. "Query.comments"
    const nlohmann::json& arguments;  ///< coerced, defaults filled in; lives as long as the run
  };

  /// `variables` are as `coerce_variables` gave them.
  OperationRun(const Schema& schema, const Document& document, const Operation& operation,
               const nlohmann::json& variables, const ExecutionLimits& limits);
  OperationRun(const OperationRun&) = delete;
  OperationRun& operator=(const OperationRun&) = delete;

  /// The next field whose value is wanted, by one call of `answer` or `fail`; nothing: the run is over.
  std::optional<RootField> next();

  void answer(const nlohmann::json& value);  ///< JSON as a field's value: objects hold their fields by name
  void fail(GraphqlErrors errors);           ///< there is no value

  std::size_t spent() const { return completion_.spent(); }  ///< bytes of the answer so far, about

  /// `{errors?, data}`: fields in the order of the query; a failed field is null and has an error with its path, and a
  /// null where the schema forbids it makes its parent null. Without `data` (`{errors}` only): a limit was exceeded,
  /// and no field was asked for. Call it once, at the end.
  nlohmann::ordered_json result();

 private:
  void take(std::optional<nlohmann::ordered_json> answer);

  const PlanSource source_;
  const TypeDefinition& root_;
  const std::size_t most_fields_;
  Plan plan_;
  Completion completion_;
  const std::vector<PlannedField>& fields_;
  std::size_t place_ = 0;  // in `fields_`
  std::optional<nlohmann::ordered_json> data_;
};

}  // namespace danwa::adapters::graphql
