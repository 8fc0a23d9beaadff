#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "adapters/graphql/document.hpp"
#include "adapters/graphql/schema.hpp"

namespace danwa::adapters::graphql {

/// What a plan is made of: a validated document and coerced variables. All outlive the plans.
struct PlanSource {
  const Schema& schema;
  const Document& document;
  const nlohmann::json& variables;
};

class Plan;

/// One field of an answer.
struct PlannedField {
  std::string_view response_name;
  const FieldDefinition* definition;
  std::vector<const Field*> fields;  ///< every place of the document that asks for it; never empty
  Outcome<nlohmann::json> arguments;
  std::unique_ptr<Plan> below;  ///< what is asked of its value; nothing for a leaf
};

/// What is asked of one place of an answer: the fields of each object type, with fragments, `@skip` and
/// `@include` resolved (specification, CollectFields()), made when first asked for and kept. Owned by: one
/// execution.
class Plan {
 public:
  using Selections = std::vector<const std::vector<Selection>*>;

  Plan(const PlanSource& source, Selections selections);
  ~Plan();

  /// In the order of the query. Adds the number of selections that were looked at to `work`: none the next time.
  const std::vector<PlannedField>& of(const TypeDefinition& object, std::size_t& work);

 private:
  const PlanSource& source_;
  const Selections selections_;
  std::map<const TypeDefinition*, std::vector<PlannedField>> fields_;
};

}  // namespace danwa::adapters::graphql
