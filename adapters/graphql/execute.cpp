#include "adapters/graphql/execute.hpp"

#include <utility>

#include "adapters/graphql/introspection.hpp"

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

GraphqlError too_many_fields(std::size_t most) {
  return {
      "An operation may have at most " + std::to_string(most) + " fields at its root.", {}, {}, "graphql-limit", {}};
}

const std::vector<PlannedField>& root_fields(Plan& plan, const TypeDefinition& root) {
  std::size_t work = 0;  // one plan is bounded by the document's size
  return plan.of(root, work);
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

OperationRun::OperationRun(const Schema& schema, const Document& document, const Operation& operation,
                           const Json& variables, const ExecutionLimits& limits)
    : source_{schema, document, variables},
      root_{*schema.root(operation.type)},
      most_fields_{limits.max_root_fields},
      plan_{source_, {&operation.selections}},
      completion_{source_, limits.max_answer_bytes},
      fields_{root_fields(plan_, root_)} {
  if (fields_.size() <= most_fields_) data_ = OrderedJson::object();
}

std::optional<OperationRun::RootField> OperationRun::next() {
  while (data_ && !completion_.exhausted() && place_ < fields_.size()) {
    const auto& field = fields_[place_];
    if (!field.arguments) {
      fail(field.arguments.error());
    } else if (const auto known = introspect(source_.schema, root_, field)) {
      answer(*known);
    } else {
      return RootField{root_.name + '.' + field.definition->name, *field.arguments};
    }
  }
  return std::nullopt;
}

void OperationRun::answer(const Json& value) {
  const auto& field = fields_[place_];
  take(completion_.complete(field, value, PathStep{nullptr, field.response_name}));
}

void OperationRun::fail(GraphqlErrors errors) {
  const auto& field = fields_[place_];
  take(completion_.failed(field, std::move(errors), PathStep{nullptr, field.response_name}));
}

void OperationRun::take(std::optional<OrderedJson> answer) {
  const auto& field = fields_[place_++];
  if (completion_.exhausted()) return;
  if (answer) {
    (*data_)[std::string{field.response_name}] = std::move(*answer);
  } else {
    data_.reset();
  }
}

OrderedJson OperationRun::result() {
  if (fields_.size() > most_fields_) return failed_request({too_many_fields(most_fields_)});
  return completion_.answer(std::move(data_));
}

}  // namespace danwa::adapters::graphql
