#include "adapters/protocol/graphql/schema.hpp"

// Introspection is answered from JSON that is made once, when the schema is built, so it needs no resolvers. Types
// refer to each other in circles. So each named type is described once, and every other mention of it is an object with
// the one member kTypeReference, which is followed when a query selects below it. The wrapping types (LIST, NON_NULL)
// have no name and are written out in place.

namespace danwa::adapters::graphql {
namespace {

using Json = nlohmann::json;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json reference(const std::string& name) { return Json{{kTypeReference, name}}; }

template <class List, class Describe>
Json list_of(const List& list, Describe describe) {
  Json out = Json::array();
  for (const auto& each : list) out.push_back(describe(each));
  return out;
}

Json describe_type(const TypeRef& type) {
  if (type.required) {
    TypeRef nullable = type;
    nullable.required = false;
    return Json{{"kind", "NON_NULL"}, {"ofType", describe_type(nullable)}};
  }
  if (type.is_list()) return Json{{"kind", "LIST"}, {"ofType", describe_type(type.item.front())}};
  return reference(type.name);
}

/// The parts that inputs, fields and values of enumerations share.
template <class Part>
Json describe_part(const Part& part) {
  return Json{{"name", part.name},
              {"description", text_or_null(part.description)},
              {"isDeprecated", part.deprecated.has_value()},
              {"deprecationReason", part.deprecated ? Json(*part.deprecated) : Json(nullptr)}};
}

Json describe_input(const InputDefinition& input) {
  Json out = describe_part(input);
  out["type"] = describe_type(input.type);
  out["defaultValue"] = input.default_value ? Json(print(*input.default_value)) : Json(nullptr);
  return out;
}

Json describe_field(const FieldDefinition& field) {
  Json out = describe_part(field);
  out["args"] = list_of(field.arguments, describe_input);
  out["type"] = describe_type(field.type);
  return out;
}

const char* kind_text(TypeKind kind) {
  switch (kind) {
    case TypeKind::scalar:
      return "SCALAR";
    case TypeKind::object:
      return "OBJECT";
    case TypeKind::interface:
      return "INTERFACE";
    case TypeKind::union_:
      return "UNION";
    case TypeKind::enumeration:
      return "ENUM";
    case TypeKind::input_object:
      return "INPUT_OBJECT";
  }
  return "";
}

Json describe(const TypeDefinition& type) {
  Json out{{"kind", kind_text(type.kind)}, {"name", type.name}, {"description", text_or_null(type.description)}};
  if (type.specified_by) out["specifiedByURL"] = *type.specified_by;
  if (type.kind == TypeKind::object || type.kind == TypeKind::interface) {
    out["fields"] = list_of(type.fields, describe_field);
    out["interfaces"] = list_of(type.interfaces, reference);
  }
  if (type.is_abstract()) out["possibleTypes"] = list_of(type.members, reference);
  if (type.kind == TypeKind::enumeration) out["enumValues"] = list_of(type.values, describe_part<EnumValueDefinition>);
  if (type.kind == TypeKind::input_object) {
    out["inputFields"] = list_of(type.input_fields, describe_input);
    out["isOneOf"] = false;  // the schema has no input object of which exactly one field is given
  }
  return out;
}

Json describe(const DirectiveDefinition& directive) {
  return Json{{"name", directive.name},
              {"description", text_or_null(directive.description)},
              {"locations", directive.locations},
              {"args", list_of(directive.arguments, describe_input)},
              {"isRepeatable", directive.repeatable}};
}

}  // namespace

Json Schema::introspect(const std::string& description) const {
  Json types = Json::object();
  Json all{{"types", Json::array()}, {"directives", Json::array()}};
  for (const auto& [name, type] : types_) {
    types[name] = describe(type);
    all["types"].push_back(reference(name));
  }
  for (const auto& [name, directive] : directives_) all["directives"].push_back(describe(directive));
  for (const auto& [operation, name] : roots_) all[std::string{to_text(operation)} + "Type"] = reference(name);
  all["description"] = text_or_null(description);
  return Json{{"schema", std::move(all)}, {"types", std::move(types)}};
}

}  // namespace danwa::adapters::graphql
