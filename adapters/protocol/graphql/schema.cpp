#include "adapters/protocol/graphql/schema.hpp"

// A schema is built once, from a definition that the build has compiled and checked, and never changes or moves: plans
// and rules compare types by address. The meta fields (`__typename`, `__schema`, `__type`) belong to no type;
// `find_field` adds them.

namespace danwa::adapters::graphql {
namespace {

FieldDefinition meta_field(std::string name, std::string type, bool required) {
  return {std::move(name), {}, {}, {std::move(type), {}, required, 0}, std::nullopt};
}

FieldDefinition type_field() {
  FieldDefinition field = meta_field("__type", "__Type", false);
  field.arguments.push_back({"name", {}, {"String", {}, true, 0}, std::nullopt, std::nullopt});
  return field;
}

template <class Map, class Key>
auto find_in(const Map& map, const Key& key) -> const typename Map::mapped_type* {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

Schema::Schema(SchemaDefinition definition) : roots_{std::move(definition.roots)} {
  for (auto& type : definition.types) types_.emplace(type.name, std::move(type));
  for (auto& directive : definition.directives) directives_.emplace(directive.name, std::move(directive));
  introspection_ = introspect(definition.description);
}

const TypeDefinition* Schema::find(std::string_view name) const { return find_in(types_, name); }

const TypeDefinition* Schema::root(OperationType type) const {
  const auto* name = find_in(roots_, type);
  return name ? find(*name) : nullptr;
}

const DirectiveDefinition* Schema::find_directive(std::string_view name) const { return find_in(directives_, name); }

const FieldDefinition* Schema::find_field(const TypeDefinition& parent, std::string_view name) const {
  static const FieldDefinition name_of_type = meta_field("__typename", "String", true);
  static const FieldDefinition schema = meta_field("__schema", "__Schema", true);
  static const FieldDefinition type = type_field();
  if (name == "__typename") return &name_of_type;
  if (&parent == root(OperationType::query)) {
    if (name == "__schema") return &schema;
    if (name == "__type") return &type;
  }
  return find_by_name(parent.fields, name);
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

}  // namespace danwa::adapters::graphql
