#include "adapters/graphql/coerce.hpp"

#include "adapters/graphql/find_by_name.hpp"
#include "adapters/graphql/scalars.hpp"

namespace danwa::adapters::graphql {
namespace {

using Json = nlohmann::json;

/// Literals as values; `variables` are coerced already.
class LiteralCoercion {
 public:
  LiteralCoercion(const Schema& schema, const Json& variables) : schema_{schema}, variables_{variables} {}

  std::optional<Json> value(const TypeRef& type, const Value& literal) const {
    auto found = nullable(type, literal);
    if (type.required && found && found->is_null()) return std::nullopt;
    return found;
  }

 private:
  std::optional<Json> nullable(const TypeRef& type, const Value& literal) const {
    if (literal.kind == Value::Kind::variable) {
      const auto found = variables_.find(literal.text);
      return found == variables_.end() ? std::nullopt : std::optional<Json>{*found};
    }
    if (literal.kind == Value::Kind::null) return Json(nullptr);
    if (type.is_list()) return list(type.item.front(), literal);
    const auto* named = schema_.find(type.name);
    if (named->kind == TypeKind::input_object) return object(*named, literal);
    if (named->kind == TypeKind::enumeration) return Json(literal.text);
    return scalar_from_literal(type.name, literal);
  }

  std::optional<Json> list(const TypeRef& item, const Value& literal) const {
    Json out = Json::array();
    if (literal.kind != Value::Kind::list) {
      auto only = value(item, literal);
      if (!only) return std::nullopt;
      out.push_back(std::move(*only));
      return out;
    }
    for (const auto& each : literal.items) {
      auto read = value(item, each);
      if (!read && item.required) return std::nullopt;
      out.push_back(read ? std::move(*read) : Json(nullptr));
    }
    return out;
  }

  std::optional<Json> object(const TypeDefinition& type, const Value& literal) const {
    Json out = Json::object();
    for (const auto& definition : type.input_fields) {
      const auto* given = find_by_name(literal.fields, definition.name);
      std::optional<Json> read = given ? value(definition.type, given->value) : std::nullopt;
      const bool absent = !given || given->value.kind == Value::Kind::variable;
      if (!read && absent && definition.default_value) read = value(definition.type, *definition.default_value);
      if (!read && definition.type.required) return std::nullopt;
      if (read) out[definition.name] = std::move(*read);
    }
    return out;
  }

  const Schema& schema_;
  const Json& variables_;
};

GraphqlError no_value(const Document& document, const InputDefinition& definition, Offset at) {
  return {"The argument \"" + definition.name + "\" of type " + definition.type.to_string() + " has no value.",
          {document.locate(at)},
          {},
          "graphql-variables",
          definition.name};
}

bool is_absent_variable(const Value& value, const Json& variables) {
  return value.kind == Value::Kind::variable && !variables.contains(value.text);
}

}  // namespace

std::optional<Json> coerce_literal(const Schema& schema, const TypeRef& type, const Value& literal,
                                   const Json& variables) {
  return LiteralCoercion{schema, variables}.value(type, literal);
}

Outcome<Json> coerce_arguments(const Schema& schema, const Document& document,
                               const std::vector<InputDefinition>& definitions, const std::vector<Argument>& given,
                               const Json& variables, Offset at) {
  Json out = Json::object();
  for (const auto& definition : definitions) {
    const auto* argument = find_by_name(given, definition.name);
    const bool absent = !argument || is_absent_variable(argument->value, variables);
    std::optional<Json> value;
    if (!absent) {
      value = coerce_literal(schema, definition.type, argument->value, variables);
    } else if (definition.default_value) {
      value = coerce_literal(schema, definition.type, *definition.default_value, variables);
    }
    if (!value && (!absent || definition.type.required)) {
      return refuse(no_value(document, definition, argument ? argument->at : at));
    }
    if (value) out[definition.name] = std::move(*value);
  }
  return out;
}

}  // namespace danwa::adapters::graphql
