#include "adapters/protocol/graphql/schema.hpp"

#include <nlohmann/json.hpp>

#include "adapters/protocol/graphql/introspection.hpp"

// A schema is built once, from a definition that the build has compiled and checked, and never changes. Its parts lie
// behind a pointer, so a schema can be moved while its types keep their addresses: plans and rules compare types by
// address. The meta fields (`__typename`, `__schema`, `__type`) belong to no type; `find_field` adds them. The JSON
// that introspection answers from is made here, once.

namespace danwa::adapters::graphql {
namespace {

TypeRef required(std::string name) {
  TypeRef type;
  type.name = std::move(name);
  type.required = true;
  return type;
}

FieldDefinition meta_field(std::string name, TypeRef type) {
  FieldDefinition field;
  field.name = std::move(name);
  field.type = std::move(type);
  return field;
}

FieldDefinition type_field() {
  FieldDefinition field = meta_field("__type", required("__Type"));
  field.type.required = false;
  InputDefinition name;
  name.name = "name";
  name.type = required("String");
  field.arguments.push_back(std::move(name));
  return field;
}

}  // namespace

struct Schema::Parts {
  std::map<std::string, TypeDefinition, std::less<>> types;
  std::map<std::string, DirectiveDefinition, std::less<>> directives;
  std::map<OperationType, std::string> roots;
  FieldDefinition typename_field = meta_field("__typename", required("String"));
  FieldDefinition schema_field = meta_field("__schema", required("__Schema"));
  FieldDefinition type_field = graphql::type_field();
  nlohmann::json introspection;
};

const InputDefinition* FieldDefinition::find_argument(std::string_view wanted) const {
  return find_by_name(arguments, wanted);
}
const InputDefinition* DirectiveDefinition::find_argument(std::string_view wanted) const {
  return find_by_name(arguments, wanted);
}
const FieldDefinition* TypeDefinition::find_field(std::string_view wanted) const {
  return find_by_name(fields, wanted);
}
const InputDefinition* TypeDefinition::find_input(std::string_view wanted) const {
  return find_by_name(input_fields, wanted);
}
bool TypeDefinition::has_value(std::string_view wanted) const { return find_by_name(values, wanted) != nullptr; }

Schema::Schema(SchemaDefinition definition) {
  auto parts = std::make_unique<Parts>();
  parts->roots = std::move(definition.roots);
  for (auto& type : definition.types) parts->types.emplace(type.name, std::move(type));
  for (auto& directive : definition.directives) parts->directives.emplace(directive.name, std::move(directive));
  parts->introspection = describe_schema({parts->types, parts->directives, parts->roots, definition.description});
  parts_ = std::move(parts);
}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

const TypeDefinition* Schema::find(std::string_view name) const {
  const auto found = parts_->types.find(name);
  return found == parts_->types.end() ? nullptr : &found->second;
}

const TypeDefinition* Schema::root(OperationType type) const {
  const auto found = parts_->roots.find(type);
  return found == parts_->roots.end() ? nullptr : find(found->second);
}

const DirectiveDefinition* Schema::find_directive(std::string_view name) const {
  const auto found = parts_->directives.find(name);
  return found == parts_->directives.end() ? nullptr : &found->second;
}

const std::map<std::string, TypeDefinition, std::less<>>& Schema::types() const { return parts_->types; }
const std::map<std::string, DirectiveDefinition, std::less<>>& Schema::directives() const { return parts_->directives; }

const FieldDefinition* Schema::find_field(const TypeDefinition& parent, std::string_view name) const {
  if (name == "__typename") return &parts_->typename_field;
  if (&parent == root(OperationType::query)) {
    if (name == "__schema") return &parts_->schema_field;
    if (name == "__type") return &parts_->type_field;
  }
  return parent.find_field(name);
}

bool Schema::overlap(const TypeDefinition& left, const TypeDefinition& right) const {
  if (&left == &right) return true;
  if (!left.is_abstract()) return applies(left, right.name);
  if (!right.is_abstract()) return applies(right, left.name);
  return std::any_of(left.members.begin(), left.members.end(), [&right](const std::string& member) {
    return std::find(right.members.begin(), right.members.end(), member) != right.members.end();
  });
}

bool Schema::applies(const TypeDefinition& object, std::string_view condition) const {
  if (condition.empty() || object.name == condition) return true;
  const auto* wanted = find(condition);
  return wanted && wanted->is_abstract() &&
         std::find(wanted->members.begin(), wanted->members.end(), object.name) != wanted->members.end();
}

const nlohmann::json& Schema::introspection() const { return parts_->introspection; }

}  // namespace danwa::adapters::graphql
