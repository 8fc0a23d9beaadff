#pragma once

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/protocol/graphql/document.hpp"

namespace danwa::adapters::graphql {

/// The first element of `list` with that `name`; null if there is none.
template <class List>
auto find_by_name(const List& list, std::string_view name) -> decltype(list.data()) {
  const auto found = std::find_if(list.begin(), list.end(), [name](const auto& each) { return each.name == name; });
  return found == list.end() ? nullptr : &*found;
}

enum class TypeKind { scalar, object, interface, union_, enumeration, input_object };

/// An argument, or a field of an input object.
struct InputDefinition {
  std::string name;
  std::string description;
  TypeRef type;
  std::optional<Value> default_value;
  std::optional<std::string> deprecated;  ///< the reason

  bool required() const { return type.required && !default_value; }
};

struct FieldDefinition {
  std::string name;
  std::string description;
  std::vector<InputDefinition> arguments;
  TypeRef type;
  std::optional<std::string> deprecated;
};

struct EnumValueDefinition {
  std::string name;
  std::string description;
  std::optional<std::string> deprecated;
};

struct TypeDefinition {
  TypeKind kind = TypeKind::object;
  std::string name;
  std::string description;
  std::optional<std::string> specified_by;    ///< of a scalar: a URL
  std::vector<FieldDefinition> fields;        ///< of an object or interface
  std::vector<std::string> interfaces;        ///< of an object or interface
  std::vector<std::string> members;           ///< of a union; of an interface: the objects that implement it
  std::vector<EnumValueDefinition> values;    ///< of an enumeration
  std::vector<InputDefinition> input_fields;  ///< of an input object

  bool is_leaf() const { return kind == TypeKind::scalar || kind == TypeKind::enumeration; }
  bool is_composite() const { return !is_leaf() && kind != TypeKind::input_object; }
  bool is_abstract() const { return kind == TypeKind::interface || kind == TypeKind::union_; }
  bool is_input() const { return is_leaf() || kind == TypeKind::input_object; }
  bool has_value(std::string_view wanted) const { return find_by_name(values, wanted) != nullptr; }
};

struct DirectiveDefinition {
  std::string name;
  std::string description;
  std::vector<InputDefinition> arguments;
  std::set<std::string, std::less<>> locations;  ///< e.g. FIELD
  bool repeatable = false;
};

/// The parts of a schema. The build writes them from checked SDL (config/cmake/compile_schema.py), with the built-in
/// scalars and directives and the types of introspection.
struct SchemaDefinition {
  std::vector<TypeDefinition> types;
  std::vector<DirectiveDefinition> directives;
  std::map<OperationType, std::string> roots;
  std::string description;
};

/// The types a server offers. Immutable once built, so any thread may read it.
class Schema {
 public:
  explicit Schema(SchemaDefinition definition);
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  const TypeDefinition* find(std::string_view name) const;
  const TypeDefinition* root(OperationType type) const;  ///< null if the schema has no such operations
  const DirectiveDefinition* find_directive(std::string_view name) const;
  const std::map<std::string, TypeDefinition, std::less<>>& types() const { return types_; }

  /// The field of a composite type; `__typename` everywhere, `__schema` and `__type` at the query root.
  const FieldDefinition* find_field(const TypeDefinition& parent, std::string_view name) const;

  /// True if an object of one type may be an object of the other.
  bool overlap(const TypeDefinition& left, const TypeDefinition& right) const;
  /// True if every object of type `object` satisfies the type condition `condition`.
  bool applies(const TypeDefinition& object, std::string_view condition) const;

  /// The JSON that introspection answers from: `{schema: <the value of __schema>, types: {<name>: <the value of
  /// __type(name:)>}}`.
  const nlohmann::json& introspection() const { return introspection_; }

 private:
  nlohmann::json introspect(const std::string& description) const;

  std::map<std::string, TypeDefinition, std::less<>> types_;
  std::map<std::string, DirectiveDefinition, std::less<>> directives_;
  std::map<OperationType, std::string> roots_;
  nlohmann::json introspection_;
};

/// In that JSON, an object with this one member stands for the type that the member names, because types refer to each
/// other in circles.
inline constexpr const char* kTypeReference = "$type";

}  // namespace danwa::adapters::graphql
