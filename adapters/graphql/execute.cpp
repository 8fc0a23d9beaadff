#include "adapters/graphql/execute.hpp"

#include "adapters/graphql/completion.hpp"

namespace danwa::adapters::graphql {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// The value of a root field that the engine knows itself.
std::optional<Json> introspect(const Schema& schema, const TypeDefinition& root, const PlannedField& field) {
  const auto& name = field.definition->name;
  if (name == "__typename") return Json(root.name);
  if (name == "__schema") return schema.introspection()["schema"];
  if (name != "__type" || !field.arguments) return std::nullopt;
  const auto& types = schema.introspection()["types"];
  const auto found = types.find(field.arguments->at("name").get_ref<const std::string&>());
  return found == types.end() ? Json(nullptr) : *found;
}

domain::Errors no_resolver(const std::string& name) {
  return domain::DomainError{domain::ErrorKind::internal, "internal", "", "Nothing answers " + name + '.'};
}

usecase::Async<domain::Result<Json>> resolve(const Execution& execution, const TypeDefinition& root,
                                             const PlannedField& field) {
  const std::string name = root.name + '.' + field.definition->name;
  const auto resolver = execution.resolvers.find(name);
  if (resolver == execution.resolvers.end()) co_return domain::fail(no_resolver(name));
  co_return co_await resolver->second(*field.arguments, execution.context);
}

usecase::Async<std::optional<OrderedJson>> answer_field(const Execution& execution, const TypeDefinition& root,
                                                        const PlannedField& field, Completion& completion) {
  const PathStep step{nullptr, field.response_name};
  if (!field.arguments) co_return completion.failed(field, field.arguments.error(), step);
  if (const auto known = introspect(execution.schema, root, field)) co_return completion.complete(field, *known, step);
  const auto value = co_await resolve(execution, root, field);
  if (!value) co_return completion.failed(field, to_graphql_errors(value.error()), step);
  co_return completion.complete(field, *value, step);
}

GraphqlError too_many_fields(std::size_t most) {
  return {
      "An operation may have at most " + std::to_string(most) + " fields at its root.", {}, {}, "graphql-limit", {}};
}

}  // namespace

Outcome<const Operation*> select_operation(const Document& document, std::string_view name) {
  if (name.empty()) {
    if (document.operations.size() == 1) return &document.operations.front();
    const char* message = document.operations.empty() ? "The document has no operation."
                                                      : "The document has several operations; name the one to run.";
    return refuse({message, {}, {}, "graphql-operation", "operationName"});
  }
  for (const auto& operation : document.operations) {
    if (operation.name == name) return &operation;
  }
  return refuse({"The document has no operation of that name.", {}, {}, "graphql-operation", "operationName"});
}

usecase::Async<OrderedJson> execute(const Execution& execution) {
  const PlanSource source{execution.schema, execution.document, execution.variables};
  const auto& root = *execution.schema.root(execution.operation.type);
  Plan plan{source, {&execution.operation.selections}};
  std::size_t work = 0;  // one plan is bounded by the document's size
  const auto& fields = plan.of(root, work);
  if (fields.size() > execution.limits.max_root_fields) {
    co_return failed_request({too_many_fields(execution.limits.max_root_fields)});
  }
  Completion completion{source, execution.limits.max_answer_bytes};
  std::optional<OrderedJson> data = OrderedJson::object();
  for (const auto& field : fields) {
    auto answer = co_await answer_field(execution, root, field, completion);
    if (completion.exhausted()) break;
    if (!answer) {
      data.reset();
      break;
    }
    (*data)[std::string{field.response_name}] = std::move(*answer);
    if (execution.context.visit) execution.context.visit->hold(completion.spent());
  }
  co_return completion.answer(std::move(data));
}

}  // namespace danwa::adapters::graphql
