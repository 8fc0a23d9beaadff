#include "adapters/graphql/schema_check.hpp"

#include <set>
#include <utility>

namespace danwa::adapters::graphql {
namespace {

class SchemaCheck {
 public:
  explicit SchemaCheck(const SchemaText& text) : text_{text} {
    for (const auto& type : text_.types) {
      if (!types_.emplace(type.name, &type).second) add("The type " + type.name + " is defined twice.");
    }
  }

  GraphqlErrors run() {
    std::set<std::string> names;
    for (const auto& directive : text_.directives) {
      if (!names.insert(directive.name).second) add("The directive @" + directive.name + " is defined twice.");
      check_inputs('@' + directive.name, directive.arguments);
    }
    for (const auto& type : text_.types) check_type(type);
    check_roots();
    return std::move(errors_);
  }

 private:
  void check_type(const TypeDefinition& type) {
    std::set<std::string> names;
    for (const auto& field : type.fields) {
      const std::string where = type.name + '.' + field.name;
      if (!names.insert(field.name).second) add("The field " + where + " is defined twice.");
      const auto* of = find(where, field.type.named());
      if (of && of->kind == TypeKind::input_object) add("The field " + where + " gives an input object.");
      check_inputs(where, field.arguments);
    }
    check_inputs(type.name, type.input_fields);
    for (const auto& value : type.values) {
      if (!names.insert(value.name).second) add("The value " + type.name + '.' + value.name + " is defined twice.");
    }
    for (const auto& member : type.members) require_kind(type.name, member, TypeKind::object);
    for (const auto& interface : type.interfaces) {
      if (const auto* of = require_kind(type.name, interface, TypeKind::interface)) check_implements(type, *of);
    }
    if (!type.is_leaf() && type.kind != TypeKind::union_ && type.fields.empty() && type.input_fields.empty()) {
      add("The type " + type.name + " has no fields.");
    }
  }

  void check_inputs(const std::string& where, const std::vector<InputDefinition>& inputs) {
    std::set<std::string> names;
    for (const auto& input : inputs) {
      const std::string place = where + '.' + input.name;
      if (!names.insert(input.name).second) add("The input " + place + " is defined twice.");
      const auto* of = find(place, input.type.named());
      if (of && !of->is_input()) add("The input " + place + " is of an output type.");
    }
  }

  void check_implements(const TypeDefinition& type, const TypeDefinition& interface) {
    for (const auto& field : interface.fields) {
      if (!type.find_field(field.name)) {
        add("The type " + type.name + " lacks the field " + field.name + " of " + interface.name + '.');
      }
    }
  }

  void check_roots() {
    if (!text_.roots.contains(OperationType::query)) add("There is no query type.");
    for (const auto& [operation, name] : text_.roots)
      require_kind(std::string{to_text(operation)}, name, TypeKind::object);
  }

  const TypeDefinition* require_kind(const std::string& where, const std::string& name, TypeKind kind) {
    const auto* type = find(where, name);
    if (type && type->kind == kind) return type;
    if (type) add("The type " + name + " does not fit where " + where + " names it.");
    return nullptr;
  }

  const TypeDefinition* find(const std::string& where, const std::string& name) {
    const auto found = types_.find(name);
    if (found != types_.end()) return found->second;
    add(where + " names the unknown type " + name + '.');
    return nullptr;
  }

  void add(std::string message) { errors_.push_back({std::move(message), {}, {}, "graphql-validation", {}}); }

  const SchemaText& text_;
  std::map<std::string, const TypeDefinition*> types_;
  GraphqlErrors errors_;
};

}  // namespace

std::map<OperationType, std::string> default_roots(const std::vector<TypeDefinition>& types) {
  std::map<OperationType, std::string> roots;
  for (const auto& type : types) {
    if (type.name == "Query") roots[OperationType::query] = type.name;
    if (type.name == "Mutation") roots[OperationType::mutation] = type.name;
    if (type.name == "Subscription") roots[OperationType::subscription] = type.name;
  }
  return roots;
}

GraphqlErrors check_schema(const SchemaText& text) { return SchemaCheck{text}.run(); }

}  // namespace danwa::adapters::graphql
