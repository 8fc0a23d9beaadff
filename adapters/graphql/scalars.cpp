#include "adapters/graphql/scalars.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

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

/// Variables may hold 5.0 where 5 is meant: JSON does not tell them apart.
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

/// What a literal says, without a type.
std::optional<Json> untyped(const Value& literal) {
  switch (literal.kind) {
    case Kind::integer:
      return number<std::int64_t>(literal.text);
    case Kind::floating:
      return number<double>(literal.text);
    case Kind::boolean:
      return Json(literal.text == "true");
    case Kind::string:
    case Kind::enumeration:
      return Json(literal.text);
    case Kind::list: {
      Json list = Json::array();
      for (const auto& item : literal.items) list.push_back(untyped(item).value_or(nullptr));
      return list;
    }
    case Kind::object: {
      Json object = Json::object();
      for (const auto& field : literal.fields) object[field.name] = untyped(field.value).value_or(nullptr);
      return object;
    }
    default:
      return Json(nullptr);
  }
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
  return untyped(literal);
}

std::optional<Json> scalar_from_json(std::string_view scalar, const Json& value) {
  if (scalar == "Int") return only_if(fits_int(whole(value)), whole(value));
  if (scalar == "Float") return only_if(fits_float(value), value);
  if (scalar == "String") return only_if(value.is_string(), value);
  if (scalar == "Boolean") return only_if(value.is_boolean(), value);
  if (scalar == "ID") return id_from_json(value);
  if (scalar == "Seq") return seq_from_json(value);
  return value;
}

std::optional<Json> scalar_to_json(std::string_view scalar, const Json& value) {
  if (scalar == "Int") return only_if(fits_int(value), value);
  if (scalar == "Float") return only_if(fits_float(value), value);
  if (scalar == "String") return only_if(value.is_string(), value);
  if (scalar == "Boolean") return only_if(value.is_boolean(), value);
  if (scalar == "ID") return id_from_json(value);
  if (scalar == "Seq") return only_if(fits_seq(value), value);
  return value;
}

}  // namespace danwa::adapters::graphql
