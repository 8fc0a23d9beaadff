#include <map>
#include <set>

#include "adapters/graphql/validation/document_rules.hpp"

namespace danwa::adapters::graphql {
namespace {

/// Whether every value of type `from` is one of type `to` (specification, AreTypesCompatible()).
bool fits(const TypeRef& from, const TypeRef& to) {
  if (to.required && !from.required) return false;
  if (to.is_list() != from.is_list()) return false;
  return to.is_list() ? fits(from.item.front(), to.item.front()) : from.name == to.name;
}

/// The specification's IsVariableUsageAllowed().
bool allowed(const VariableDefinition& variable, const VariableUse& use) {
  if (!use.wanted) return true;
  const bool has_value = variable.default_value && variable.default_value->kind != Value::Kind::null;
  if (!use.wanted->required || variable.type.required) return fits(variable.type, *use.wanted);
  if (!has_value && !use.has_default) return false;
  TypeRef nullable = *use.wanted;
  nullable.required = false;
  return fits(variable.type, nullable);
}

std::string variable_name(std::string_view name) { return "The variable $" + std::string{name.substr(0, 64)}; }

class OperationVariables {
 public:
  OperationVariables(const Schema& schema, const Operation& operation, const DocumentFacts& facts, Report& report)
      : schema_{schema}, operation_{operation}, facts_{facts}, report_{report} {}

  void check() {
    for (const auto& variable : operation_.variables) {
      if (defined_.emplace(variable.name, &variable).second) continue;
      report_.add(variable_name(variable.name) + " is defined twice.", {variable.at});
    }
    follow(facts_.operations.at(&operation_));
    for (const auto& variable : operation_.variables) {
      if (used_.contains(variable.name)) continue;
      report_.add(variable_name(variable.name) + " is not used.", {variable.at});
    }
  }

 private:
  void follow(const DefinitionFacts& start) {
    std::vector<const DefinitionFacts*> open{&start};
    std::set<std::string_view> seen;
    while (!open.empty()) {
      const auto* definition = open.back();
      open.pop_back();
      for (const auto& use : definition->uses) check(use);
      for (const auto* spread : definition->spreads) {
        const auto found = facts_.fragments.find(spread->name);
        if (found != facts_.fragments.end() && seen.insert(spread->name).second) open.push_back(&found->second);
      }
    }
  }

  void check(const VariableUse& use) {
    used_.insert(use.name);
    const auto found = defined_.find(use.name);
    if (found == defined_.end()) return report_.add(variable_name(use.name) + " is not defined.", {use.at});
    const auto* type = schema_.find(found->second->type.named());
    if (!type || !type->is_input() || allowed(*found->second, use)) return;  // a wrong type was told already
    report_.add(variable_name(use.name) + " of type " + found->second->type.to_string() + " cannot stand where " +
                    use.wanted->to_string() + " is wanted.",
                {found->second->at, use.at});
  }

  const Schema& schema_;
  const Operation& operation_;
  const DocumentFacts& facts_;
  Report& report_;
  std::map<std::string_view, const VariableDefinition*> defined_;
  std::set<std::string_view> used_;
};

}  // namespace

void check_variables(const Schema& schema, const Document& document, const DocumentFacts& facts, Report& report) {
  for (const auto& operation : document.operations) OperationVariables{schema, operation, facts, report}.check();
}

}  // namespace danwa::adapters::graphql
