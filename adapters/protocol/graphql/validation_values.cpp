#include <map>
#include <set>

#include "adapters/protocol/graphql/coercion.hpp"
#include "adapters/protocol/graphql/document.hpp"
#include "adapters/protocol/graphql/validation.hpp"

// Rules on values and on variables. A value is checked against the type of its place. A variable has no value yet, so
// its use is noted with the type that the place expects (VariableUse). `check_variables` then compares the notes with
// the declarations of each operation that reaches the place through fragments. A fragment that two operations use is
// checked for both, because each declares its own variables.

namespace danwa::adapters::graphql {
namespace {

std::string shown(const Value& value) {
  if (value.kind == Value::Kind::list) return "This list";
  if (value.kind == Value::Kind::object) return "This object";
  const std::string text = print(value);
  return text.size() <= 64 ? "The value " + text : "This value";
}

/// True if every value of type `from` is one of type `to` (specification, AreTypesCompatible()).
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
    for (const auto* definition : facts_.reached_from(facts_.operations.at(&operation_))) {
      for (const auto& use : definition->uses) check(use);
    }
    for (const auto& variable : operation_.variables) {
      if (used_.contains(variable.name)) continue;
      report_.add(variable_name(variable.name) + " is not used.", {variable.at});
    }
  }

 private:
  void check(const VariableUse& use) {
    used_.insert(use.name);
    const auto found = defined_.find(use.name);
    if (found == defined_.end()) return report_.add(variable_name(use.name) + " is not defined.", {use.at});
    const auto* type = schema_.find(found->second->type.named());
    if (!type || !type->is_input() || allowed(*found->second, use)) return;  // a wrong type was reported already
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

void ValueRules::check(const TypeRef& type, const Value& value, bool has_default, DefinitionFacts& facts) const {
  if (value.kind == Value::Kind::variable) {
    facts.uses.push_back({value.text, &type, has_default, value.at});
    return;
  }
  if (value.kind == Value::Kind::null) {
    if (type.required) report_.add("A value of type " + type.to_string() + " must not be null.", {value.at});
    return;
  }
  if (type.is_list()) return check_list(type, value, facts);
  const auto* named = schema_.find(type.name);
  if (!named || !named->is_input()) return note_variables(value, facts);
  if (named->kind != TypeKind::input_object) return check_leaf(type, *named, value);
  if (value.kind == Value::Kind::object) return check_object(*named, value, facts);
  report_.add(shown(value) + " is no object of type " + named->name + '.', {value.at});
  note_variables(value, facts);
}

void ValueRules::note_variables(const Value& value, DefinitionFacts& facts) {
  if (value.kind == Value::Kind::variable) facts.uses.push_back({value.text, nullptr, false, value.at});
  for (const auto& item : value.items) note_variables(item, facts);
  for (const auto& field : value.fields) note_variables(field.value, facts);
}

void ValueRules::check_list(const TypeRef& type, const Value& value, DefinitionFacts& facts) const {
  const TypeRef& item = type.item.front();
  if (value.kind != Value::Kind::list) return check(item, value, false, facts);
  for (const auto& each : value.items) check(item, each, false, facts);
}

void ValueRules::check_object(const TypeDefinition& type, const Value& value, DefinitionFacts& facts) const {
  std::set<std::string_view> names;
  for (const auto& field : value.fields) {
    if (!names.insert(field.name).second) {
      report_.add("The input field " + in_quotes(field.name) + " stands twice in one object.", {field.at});
    }
    if (const auto* definition = find_by_name(type.input_fields, field.name)) {
      check(*definition, field.value, facts);
    } else {
      report_.add("The type " + type.name + " has no input field " + in_quotes(field.name) + '.', {field.at});
      note_variables(field.value, facts);
    }
  }
  for (const auto& definition : type.input_fields) {
    if (!definition.required() || names.contains(definition.name)) continue;
    report_.add(
        "The input field " + in_quotes(definition.name) + " of type " + definition.type.to_string() + " is missing.",
        {value.at});
  }
}

void ValueRules::check_leaf(const TypeRef& type, const TypeDefinition& named, const Value& value) const {
  bool fits = false;
  if (named.kind == TypeKind::scalar) {
    fits = scalar_from_literal(named.name, value).has_value();
  } else {
    fits = value.kind == Value::Kind::enumeration && named.has_value(value.text);
  }
  if (!fits) report_.add(shown(value) + " is not of type " + type.to_string() + '.', {value.at});
}

void check_variables(const Schema& schema, const Document& document, const DocumentFacts& facts, Report& report) {
  for (const auto& operation : document.operations) OperationVariables{schema, operation, facts, report}.check();
}

}  // namespace danwa::adapters::graphql
