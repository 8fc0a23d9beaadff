#include "adapters/graphql/validation/value_rules.hpp"

#include <set>

#include "adapters/graphql/print.hpp"
#include "adapters/graphql/scalars.hpp"

namespace danwa::adapters::graphql {
namespace {

std::string shown(const Value& value) {
  if (value.kind == Value::Kind::list) return "This list";
  if (value.kind == Value::Kind::object) return "This object";
  const std::string text = print(value);
  return text.size() <= 64 ? "The value " + text : "This value";
}

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
    if (const auto* definition = type.find_input(field.name)) {
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

}  // namespace danwa::adapters::graphql
