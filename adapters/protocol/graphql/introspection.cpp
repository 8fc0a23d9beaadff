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

Json references(const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const auto& name : names) list.push_back(reference(name));
  return list;
}

Json describe(const TypeRef& type) {
  if (type.required) {
    TypeRef nullable = type;
    nullable.required = false;
    return Json{{"kind", "NON_NULL"}, {"ofType", describe(nullable)}};
  }
  if (type.is_list()) return Json{{"kind", "LIST"}, {"ofType", describe(type.item.front())}};
  return reference(type.name);
}

void add_deprecation(Json& out, const std::optional<std::string>& reason) {
  out["isDeprecated"] = reason.has_value();
  out["deprecationReason"] = reason ? Json(*reason) : Json(nullptr);
}

Json describe(const std::vector<InputDefinition>& inputs) {
  Json list = Json::array();
  for (const auto& input : inputs) {
    Json out{{"name", input.name},
             {"description", text_or_null(input.description)},
             {"type", describe(input.type)},
             {"defaultValue", input.default_value ? Json(print(*input.default_value)) : Json(nullptr)}};
    add_deprecation(out, input.deprecated);
    list.push_back(std::move(out));
  }
  return list;
}

Json describe(const std::vector<FieldDefinition>& fields) {
  Json list = Json::array();
  for (const auto& field : fields) {
    Json out{{"name", field.name},
             {"description", text_or_null(field.description)},
             {"args", describe(field.arguments)},
             {"type", describe(field.type)}};
    add_deprecation(out, field.deprecated);
    list.push_back(std::move(out));
  }
  return list;
}

Json describe(const std::vector<EnumValueDefinition>& values) {
  Json list = Json::array();
  for (const auto& value : values) {
    Json out{{"name", value.name}, {"description", text_or_null(value.description)}};
    add_deprecation(out, value.deprecated);
    list.push_back(std::move(out));
  }
  return list;
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
    out["fields"] = describe(type.fields);
    out["interfaces"] = references(type.interfaces);
  }
  if (type.is_abstract()) out["possibleTypes"] = references(type.members);
  if (type.kind == TypeKind::enumeration) out["enumValues"] = describe(type.values);
  if (type.kind == TypeKind::input_object) {
    out["inputFields"] = describe(type.input_fields);
    out["isOneOf"] = false;  // the schema has no input object of which exactly one field is given
  }
  return out;
}

Json describe(const DirectiveDefinition& directive) {
  return Json{{"name", directive.name},
              {"description", text_or_null(directive.description)},
              {"locations", directive.locations},
              {"args", describe(directive.arguments)},
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
