#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// One operation of a validated document, ready to run. The schema outlives it.
struct Prepared {
  const Schema& schema;
  std::shared_ptr<const Document> document;  ///< keeps `operation` alive
  const Operation& operation;
  nlohmann::json variables;  ///< as `coerce_variables` gave them

  OperationType type() const { return operation.type; }
};

class Plan;

/// One field of an answer.
struct PlannedField {
  std::string_view response_name;
  const FieldDefinition* definition;
  std::vector<const Field*> fields;  ///< every place of the document that asks for it; never empty
  Outcome<nlohmann::json> arguments;
  std::unique_ptr<Plan> below;  ///< the plan of its value; null for a leaf
};

/// The plan of one place of an answer: the fields of each object type, with fragments, `@skip` and `@include` resolved
/// (specification, CollectFields()). It is made on first use and kept. Owned by: one execution.
class Plan {
 public:
  using Selections = std::vector<const std::vector<Selection>*>;

  /// `source` outlives this.
  Plan(const Prepared& source, Selections selections);
  ~Plan();

  /// The fields, in the order of the query. Adds the number of examined selections to `work`; a kept plan adds 0.
  const std::vector<PlannedField>& of(const TypeDefinition& object, std::size_t& work);

 private:
  const Prepared& source_;
  const Selections selections_;
  std::map<const TypeDefinition*, std::vector<PlannedField>> fields_;
};

/// The place of a value in the answer, as a chain up to the root. It becomes a Path only for an error.
struct PathStep {
  const PathStep* parent;  ///< null at the root
  std::variant<std::string_view, std::size_t> name;

  Path to_path() const;
};

/// Turns resolvers' values into answers (specification, CompleteValue()), and gathers errors. It counts the bytes of
/// the answer and the work that it costs. Owned by: one execution.
class Completion {
 public:
  Completion(const Prepared& source, std::size_t max_bytes) : source_{source}, most_{max_bytes}, budget_{max_bytes} {}

  /// The answer for a field's value. Returns nullopt if it is a null that may not stand here; the error is noted.
  std::optional<nlohmann::ordered_json> complete(const PlannedField& field, const nlohmann::json& value,
                                                 const PathStep& path);

  /// Notes why a field has no value. Returns null, or nullopt where no null may stand.
  std::optional<nlohmann::ordered_json> failed(const PlannedField& field, GraphqlErrors errors, const PathStep& path);

  /// `{errors?, data}`; after the limit of size was exceeded, its error and `data: null`.
  nlohmann::ordered_json answer(std::optional<nlohmann::ordered_json> data) const;

  bool exhausted() const { return exhausted_; }
  std::size_t spent() const { return most_ - budget_; }  ///< bytes of the answer so far, about

 private:
  using Answer = std::optional<nlohmann::ordered_json>;

  Answer value(const PlannedField& field, const TypeRef& type, const nlohmann::json& value, const PathStep& path);
  Answer nullable(const PlannedField& field, const TypeRef& type, const nlohmann::json& value, const PathStep& path);
  Answer list(const PlannedField& field, const TypeRef& item, const nlohmann::json& value, const PathStep& path);
  Answer leaf(const PlannedField& field, const TypeDefinition& type, const nlohmann::json& value, const PathStep& path);
  Answer object(const PlannedField& field, const TypeDefinition& type, const nlohmann::json& value,
                const PathStep& path);
  const TypeDefinition* object_type(const TypeDefinition& type, const nlohmann::json& value) const;
  Answer wrong(const PlannedField& field, std::string message, const PathStep& path);
  bool spend(std::size_t bytes);

  const Prepared& source_;
  const std::size_t most_;
  std::size_t budget_;
  bool exhausted_ = false;
  GraphqlErrors errors_;
};

struct ExecutionLimits {
  std::size_t max_root_fields = 16;                ///< each may cost a read of the database
  std::size_t max_answer_bytes = 4 * 1024 * 1024;  ///< aliases multiply the answer to a short query
};

/// Selects the operation of a request. Errors (`graphql-operation`): there is no operation of that name, or there are
/// several and no name is given.
Outcome<const Operation*> select_operation(const Document& document, std::string_view name);

/// The values of the operation's variables: given ones are coerced, defaults are filled in, the rest is absent. `given`
/// is an object or null. Names that the operation does not define are ignored. Errors: `graphql-variables`.
Outcome<nlohmann::json> coerce_variables(const Schema& schema, const Document& document, const Operation& operation,
                                         const nlohmann::json& given);

/// One run of a validated query or mutation, root field by root field, in the order of the query (so mutations are
/// serial). Values come from the caller, who may wait for them as it likes. `source` outlives the run, which must not
/// be moved.
///
///     while (const auto field = run.next()) run.answer(value_of(field->name, field->arguments));
///     return run.result();
class OperationRun {
 public:
  struct RootField {
    std::string name;                 ///< "Type.field", e.g. "Query.comments"
    const nlohmann::json& arguments;  ///< coerced, defaults filled in; lives as long as the run
  };

  OperationRun(const Prepared& source, const ExecutionLimits& limits);
  OperationRun(const OperationRun&) = delete;
  OperationRun& operator=(const OperationRun&) = delete;

  /// The next field that needs a value, given by one call of `answer` or `fail`. nullopt: the run is over.
  std::optional<RootField> next();

  void answer(const nlohmann::json& value);  ///< JSON as a field's value: objects hold their fields by name
  void fail(GraphqlErrors errors);           ///< the field has no value

  std::size_t spent() const { return completion_.spent(); }  ///< bytes of the answer so far, about

  /// `{errors?, data}`: fields in the order of the query; a failed field is null and has an error with its path, and a
  /// null where the schema forbids it makes its parent null. Without `data` (`{errors}` only): a limit was exceeded,
  /// and no field was asked for. Call it once, at the end.
  nlohmann::ordered_json result();

 private:
  void take(std::optional<nlohmann::ordered_json> answer);

  const Prepared& source_;
  const TypeDefinition& root_;
  const std::size_t most_fields_;
  Plan plan_;
  Completion completion_;
  const std::vector<PlannedField>& fields_;
  std::size_t place_ = 0;  // in `fields_`
  std::optional<nlohmann::ordered_json> data_;
};

}  // namespace danwa::adapters::graphql
