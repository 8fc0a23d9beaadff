#include "adapters/protocol/graphql/document.hpp"

#include <nlohmann/json.hpp>

namespace danwa::adapters::graphql {

std::string TypeRef::to_string() const {
  std::string text = is_list() ? '[' + item.front().to_string() + ']' : name;
  if (required) text += '!';
  return text;
}

std::string_view to_text(OperationType type) {
  switch (type) {
    case OperationType::query:
      return "query";
    case OperationType::mutation:
      return "mutation";
    case OperationType::subscription:
      return "subscription";
  }
  return "";
}

const Fragment* Document::find_fragment(std::string_view name) const {
  const auto found = fragment_places.find(name);
  return found == fragment_places.end() ? nullptr : &fragments[found->second];
}

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
