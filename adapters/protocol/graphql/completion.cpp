#include <algorithm>

#include "adapters/protocol/graphql/coercion.hpp"
#include "adapters/protocol/graphql/execution.hpp"

// Turns the value of a resolver into the answer, down the tree of the plan (CompleteValue() of the specification). A
// null where the schema forbids one makes the value above it null, so each step returns nullopt for "null, and it may
// not stand here". Aliases and lists let a short query ask for a huge answer. So each value and each examined selection
// is paid for from a budget of bytes, before it is made; when the budget is used up, the whole answer is one error. The
// number of errors is bounded for the same reason. A path is a chain on the stack and becomes a Path only for an error.

namespace danwa::adapters::graphql {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMaxFieldErrors = 100;  // in one answer; a list may fail in every element
constexpr std::size_t kValueCost = 32;        // bytes: quotes and commas around a value, and its share of memory
constexpr std::size_t kSelectionCost = 8;     // bytes for examining a selection

const Json kNull;

const Json& member(const Json& object, std::string_view name) {
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

/// Introspection leaves out deprecated items unless the query asks for them.
bool hides_deprecated(const PlannedField& field) {
  return field.arguments && field.definition->type.named().starts_with("__") &&
         !field.arguments->value("includeDeprecated", true);
}

/// Bytes of a text between the quotes of a JSON string.
std::size_t size_in_json(std::string_view text) {
  std::size_t size = text.size();
  for (const char c : text) {
    const bool short_escape = std::string_view{"\"\\\n\r\t"}.find(c) != std::string_view::npos;
    if (short_escape) size += 1;
    if (!short_escape && static_cast<unsigned char>(c) < 0x20) size += 5;
  }
  return size;
}

}  // namespace

Path PathStep::to_path() const {
  Path path;
  for (const auto* step = this; step; step = step->parent) {
    if (const auto* text = std::get_if<std::string_view>(&step->name)) {
      path.emplace_back(std::string{*text});
    } else {
      path.emplace_back(std::get<std::size_t>(step->name));
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::optional<OrderedJson> Completion::complete(const PlannedField& field, const Json& value, const PathStep& path) {
  return this->value(field, field.definition->type, value, path);
}

std::optional<OrderedJson> Completion::failed(const PlannedField& field, GraphqlErrors errors, const PathStep& path) {
  for (auto& error : errors) {
    if (errors_.size() == kMaxFieldErrors) break;
    if (error.locations.empty()) error.locations = {source_.document->locate(field.fields.front()->at)};
    error.path = path.to_path();
    errors_.push_back(std::move(error));
  }
  return field.definition->type.required ? std::nullopt : Answer{OrderedJson(nullptr)};
}

OrderedJson Completion::answer(std::optional<OrderedJson> data) const {
  OrderedJson out = OrderedJson::object();
  if (exhausted_) {
    out["errors"] = to_json(GraphqlErrors{{"The answer would be too large.", "graphql-limit"}});
    out["data"] = nullptr;
    return out;
  }
  if (!errors_.empty()) out["errors"] = to_json(errors_);
  out["data"] = data ? std::move(*data) : OrderedJson(nullptr);
  return out;
}

Completion::Answer Completion::value(const PlannedField& field, const TypeRef& type, const Json& value,
                                     const PathStep& path) {
  if (value.is_null()) {
    if (!type.required) return OrderedJson(nullptr);
    wrong(field, "The field " + field.definition->name + " has no value, and must not be null.", path);
    return std::nullopt;
  }
  auto answer = nullable(field, type, value, path);
  if (type.required && answer && answer->is_null()) return std::nullopt;
  return answer;
}

Completion::Answer Completion::nullable(const PlannedField& field, const TypeRef& type, const Json& value,
                                        const PathStep& path) {
  if (!spend(kValueCost)) return OrderedJson(nullptr);
  if (type.is_list()) return list(field, type.item.front(), value, path);
  const auto* named = source_.schema.find(type.name);
  if (named->is_leaf()) return leaf(field, *named, value, path);
  const auto* object_type = this->object_type(*named, value);
  if (!object_type) return wrong(field, "The value is no " + named->name + '.', path);
  const auto reference = value.find(kTypeReference);
  const bool refers = named->name == "__Type" && reference != value.end();
  const auto& told = refers ? source_.schema.introspection()["types"][reference->get_ref<const std::string&>()] : value;
  auto answer = object(field, *object_type, told, path);
  return answer ? std::move(answer) : OrderedJson(nullptr);
}

Completion::Answer Completion::list(const PlannedField& field, const TypeRef& item, const Json& value,
                                    const PathStep& path) {
  if (!value.is_array()) return wrong(field, "The value of " + field.definition->name + " is no list.", path);
  const bool filtered = hides_deprecated(field);
  OrderedJson out = OrderedJson::array();
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (filtered && value[i].value("isDeprecated", false)) continue;
    auto answer = this->value(field, item, value[i], PathStep{&path, out.size()});
    if (!answer || exhausted_) return OrderedJson(nullptr);
    out.push_back(std::move(*answer));
  }
  return out;
}

Completion::Answer Completion::leaf(const PlannedField& field, const TypeDefinition& type, const Json& value,
                                    const PathStep& path) {
  std::optional<Json> answer;
  if (type.kind == TypeKind::scalar) {
    answer = scalar_from_json(type.name, value);
  } else if (value.is_string() && type.has_value(value.get_ref<const std::string&>())) {
    answer = value;
  }
  if (!answer) return wrong(field, "The value of " + field.definition->name + " is no " + type.name + '.', path);
  if (answer->is_string() && !spend(size_in_json(answer->get_ref<const std::string&>()))) return OrderedJson(nullptr);
  return OrderedJson(*answer);
}

Completion::Answer Completion::object(const PlannedField& field, const TypeDefinition& type, const Json& value,
                                      const PathStep& path) {
  OrderedJson out = OrderedJson::object();
  auto& members = out.get_ref<OrderedJson::object_t&>();
  std::size_t work = 0;
  const auto& fields = field.below->of(type, work);
  if (!spend(work * kSelectionCost)) return std::nullopt;
  for (const auto& planned : fields) {
    const PathStep step{&path, planned.response_name};
    if (!spend(planned.response_name.size())) return std::nullopt;
    Answer answer;
    if (planned.definition->name == "__typename") {
      answer = spend(type.name.size()) ? Answer{OrderedJson(type.name)} : std::nullopt;
    } else if (!planned.arguments) {
      answer = failed(planned, planned.arguments.error(), step);
    } else {
      answer = complete(planned, member(value, planned.definition->name), step);
    }
    if (!answer) return std::nullopt;
    members.push_back({std::string{planned.response_name}, std::move(*answer)});  // response names are unique
  }
  return out;
}

const TypeDefinition* Completion::object_type(const TypeDefinition& type, const Json& value) const {
  if (!value.is_object()) return nullptr;
  if (!type.is_abstract()) return &type;
  const auto& name = member(value, "__typename");
  const auto* object = name.is_string() ? source_.schema.find(name.get_ref<const std::string&>()) : nullptr;
  return object && source_.schema.applies(*object, type.name) ? object : nullptr;
}

Completion::Answer Completion::wrong(const PlannedField& field, std::string message, const PathStep& path) {
  failed(field, {{std::move(message), "graphql-result"}}, path);
  return OrderedJson(nullptr);
}

bool Completion::spend(std::size_t bytes) {
  exhausted_ = exhausted_ || bytes > budget_;
  if (!exhausted_) budget_ -= bytes;
  return !exhausted_;
}

}  // namespace danwa::adapters::graphql
