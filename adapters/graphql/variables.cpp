#include "adapters/graphql/coerce.hpp"
#include "adapters/graphql/execute.hpp"
#include "adapters/graphql/scalars.hpp"

namespace danwa::adapters::graphql {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxErrors = 20;

/// The values of one variable as they came, read by its type. Recursion ends where the type or the JSON does.
class VariableCoercion {
 public:
  VariableCoercion(const Schema& schema, std::string name, Location at, GraphqlErrors& errors)
      : schema_{schema}, name_{std::move(name)}, at_{at}, errors_{errors} {}

  std::optional<Json> value(const TypeRef& type, const Json& given, const std::string& where) {
    if (given.is_null()) {
      if (!type.required) return Json(nullptr);
      return fail(where + " must not be null: it is of type " + type.to_string() + '.');
    }
    if (type.is_list()) return list(type.item.front(), given, where);
    const auto* named = schema_.find(type.name);
    if (named->kind == TypeKind::input_object) return object(*named, given, where);
    if (named->kind == TypeKind::enumeration) {
      if (given.is_string() && named->has_value(given.get_ref<const std::string&>())) return given;
      return fail(where + " is no value of " + type.name + '.');
    }
    auto read = scalar_from_json(type.name, given);
    return read ? read : fail(where + " is not of type " + type.name + '.');
  }

 private:
  std::optional<Json> list(const TypeRef& item, const Json& given, const std::string& where) {
    Json out = Json::array();
    if (!given.is_array()) {
      auto only = value(item, given, where);
      if (!only) return std::nullopt;
      out.push_back(std::move(*only));
      return out;
    }
    bool good = true;
    for (std::size_t i = 0; i < given.size() && errors_.size() < kMaxErrors; ++i) {
      auto read = value(item, given[i], where + '[' + std::to_string(i) + ']');
      good = good && read;
      if (read) out.push_back(std::move(*read));
    }
    return good ? std::optional<Json>{std::move(out)} : std::nullopt;
  }

  std::optional<Json> object(const TypeDefinition& type, const Json& given, const std::string& where) {
    if (!given.is_object()) return fail(where + " is not an object, as " + type.name + " wants it.");
    bool good = true;
    for (const auto& [name, ignored] : given.items()) {
      if (type.find_input(name)) continue;
      good = false;
      fail(where + " has a field that " + type.name + " does not have.");
      break;
    }
    Json out = Json::object();
    for (const auto& definition : type.input_fields) good = field(definition, given, where, out) && good;
    return good ? std::optional<Json>{std::move(out)} : std::nullopt;
  }

  bool field(const InputDefinition& definition, const Json& given, const std::string& where, Json& out) {
    const std::string inner = where + '.' + definition.name;
    std::optional<Json> read;
    if (const auto found = given.find(definition.name); found != given.end()) {
      read = value(definition.type, *found, inner);
      if (!read) return false;
    } else if (definition.default_value) {
      read = coerce_literal(schema_, definition.type, *definition.default_value, Json::object());
    } else if (definition.type.required) {
      fail(inner + " is missing: it is of type " + definition.type.to_string() + '.');
      return false;
    }
    if (read) out[definition.name] = std::move(*read);
    return true;
  }

  std::nullopt_t fail(std::string message) {
    if (errors_.size() < kMaxErrors) errors_.push_back({std::move(message), {at_}, {}, "graphql-variables", name_});
    return std::nullopt;
  }

  const Schema& schema_;
  const std::string name_;
  const Location at_;
  GraphqlErrors& errors_;
};

}  // namespace

Outcome<Json> coerce_variables(const Schema& schema, const Document& document, const Operation& operation,
                               const Json& given) {
  if (!given.is_object() && !given.is_null()) {
    return refuse({"The variables must be an object.", {}, {}, "graphql-variables", "variables"});
  }
  Json out = Json::object();
  GraphqlErrors errors;
  for (const auto& definition : operation.variables) {
    VariableCoercion coercion{schema, definition.name, document.locate(definition.at), errors};
    const std::string where = "The variable $" + definition.name;
    const auto found = given.is_object() ? given.find(definition.name) : given.end();
    std::optional<Json> value;
    if (found != given.end()) {
      value = coercion.value(definition.type, *found, where);
    } else if (definition.default_value) {
      value = coerce_literal(schema, definition.type, *definition.default_value, Json::object());
    } else if (definition.type.required) {
      value = coercion.value(definition.type, nullptr, where);
    }
    if (value) out[definition.name] = std::move(*value);
  }
  if (!errors.empty()) return refuse(std::move(errors));
  return out;
}

}  // namespace danwa::adapters::graphql
