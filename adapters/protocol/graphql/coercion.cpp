#include "adapters/protocol/graphql/coercion.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "adapters/protocol/graphql/execution.hpp"

// Values enter an execution in two forms: as literals in the document, and as JSON in the variables of the request.
// Coercion turns both into JSON of the declared type, so resolvers see one form, with the defaults filled in. Literals
// were validated before, so only a null or an absent variable can still be wrong. Variables were not:
// `coerce_variables` reports every fault with its path, at most 20, because the request decides how many there are. A
// list type accepts a single value as a list of one.

namespace danwa::adapters::graphql {
namespace {

using Json = nlohmann::json;
using Kind = Value::Kind;

template <class Number>
std::optional<Json> number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Json(value);
}

std::optional<Json> only_if(bool fits, const Json& value) { return fits ? std::optional<Json>{value} : std::nullopt; }

bool fits_int(const Json& value) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= std::numeric_limits<std::int32_t>::max();
  const auto number = value.get<std::int64_t>();
  return number >= std::numeric_limits<std::int32_t>::min() && number <= std::numeric_limits<std::int32_t>::max();
}

bool fits_seq(const Json& value) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
  return value.get<std::int64_t>() >= 0;
}

bool fits_float(const Json& value) { return value.is_number() && std::isfinite(value.get<double>()); }

/// Returns 5 for 5.0. JSON does not distinguish them, so a client may send either.
Json whole(const Json& value) {
  if (!value.is_number_float()) return value;
  const auto number = value.get<double>();
  constexpr double kExact = 9007199254740992.0;  // 2^53
  return std::trunc(number) == number && std::fabs(number) <= kExact ? Json(static_cast<std::int64_t>(number)) : value;
}

std::optional<Json> seq_from_json(const Json& value) {
  if (value.is_string()) {
    const auto read = number<std::int64_t>(value.get_ref<const std::string&>());
    return read && fits_seq(*read) ? read : std::nullopt;
  }
  const Json integer = whole(value);
  return only_if(fits_seq(integer), integer);
}

std::optional<Json> id_from_json(const Json& value) {
  if (value.is_string()) return value;
  const Json integer = whole(value);
  return integer.is_number_integer() ? std::optional<Json>{integer.dump()} : std::nullopt;
}

}  // namespace

std::optional<Json> scalar_from_literal(std::string_view scalar, const Value& literal) {
  const bool integer = literal.kind == Kind::integer;
  const bool text = literal.kind == Kind::string;
  if (scalar == "Int") return integer ? number<std::int32_t>(literal.text) : std::nullopt;
  if (scalar == "Float") {
    return integer || literal.kind == Kind::floating ? number<double>(literal.text) : std::nullopt;
  }
  if (scalar == "String") return only_if(text, literal.text);
  if (scalar == "Boolean") return only_if(literal.kind == Kind::boolean, literal.text == "true");
  if (scalar == "ID") return only_if(integer || text, literal.text);
  if (scalar == "Seq") return integer || text ? seq_from_json(literal.text) : std::nullopt;
  return std::nullopt;
}

std::optional<Json> scalar_from_json(std::string_view scalar, const Json& value) {
  if (scalar == "Int") return only_if(fits_int(whole(value)), whole(value));
  if (scalar == "Float") return only_if(fits_float(value), value);
  if (scalar == "String") return only_if(value.is_string(), value);
  if (scalar == "Boolean") return only_if(value.is_boolean(), value);
  if (scalar == "ID") return id_from_json(value);
  if (scalar == "Seq") return seq_from_json(value);
  return std::nullopt;
}

namespace {

/// Converts literals to values. `variables` are coerced already.
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
          "graphql-variables",
          definition.name,
          {document.locate(at)}};
}

bool is_absent_variable(const Value& value, const Json& variables) {
  return value.kind == Value::Kind::variable && !variables.contains(value.text);
}

constexpr std::size_t kMaxErrors = 20;  // in one request, as in validation

/// Reads the JSON of one variable by its type. The recursion ends where the type or the JSON ends.
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
      if (find_by_name(type.input_fields, name)) continue;
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
    if (errors_.size() < kMaxErrors) errors_.push_back({std::move(message), "graphql-variables", name_, {at_}});
    return std::nullopt;
  }

  const Schema& schema_;
  const std::string name_;
  const Location at_;
  GraphqlErrors& errors_;
};

}  // namespace

std::optional<Json> coerce_literal(const Schema& schema, const TypeRef& type, const Value& literal,
                                   const Json& variables) {
  return LiteralCoercion{schema, variables}.value(type, literal);
}

Outcome<Json> coerce_arguments(const Prepared& source, const std::vector<InputDefinition>& definitions,
                               const std::vector<Argument>& given, Offset at) {
  Json out = Json::object();
  for (const auto& definition : definitions) {
    const auto* argument = find_by_name(given, definition.name);
    const bool absent = !argument || is_absent_variable(argument->value, source.variables);
    std::optional<Json> value;
    if (!absent) {
      value = coerce_literal(source.schema, definition.type, argument->value, source.variables);
    } else if (definition.default_value) {
      value = coerce_literal(source.schema, definition.type, *definition.default_value, source.variables);
    }
    if (!value && (!absent || definition.type.required)) {
      return refuse(no_value(*source.document, definition, argument ? argument->at : at));
    }
    if (value) out[definition.name] = std::move(*value);
  }
  return out;
}

Outcome<Json> coerce_variables(const Schema& schema, const Document& document, const Operation& operation,
                               const Json& given) {
  if (!given.is_object() && !given.is_null()) {
    return refuse({"The variables must be an object.", "graphql-variables", "variables"});
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
