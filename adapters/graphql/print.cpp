#include "adapters/graphql/print.hpp"

#include <nlohmann/json.hpp>

namespace danwa::adapters::graphql {

std::string print(const Value& value) {
  std::string out;
  switch (value.kind) {
    case Value::Kind::variable:
      return '$' + value.text;
    case Value::Kind::string:
      return nlohmann::json(value.text).dump();  // JSON's escapes are GraphQL's
    case Value::Kind::null:
      return "null";
    case Value::Kind::list:
      for (const auto& item : value.items) out += (out.empty() ? "" : ", ") + print(item);
      return '[' + out + ']';
    case Value::Kind::object:
      for (const auto& field : value.fields) out += (out.empty() ? "" : ", ") + field.name + ": " + print(field.value);
      return '{' + out + '}';
    default:
      return value.text;
  }
}

}  // namespace danwa::adapters::graphql
