#include "adapters/graphql/door_params.hpp"

#include <utility>

#include "adapters/graphql/resolve.hpp"
#include "adapters/json/json_object.hpp"

namespace danwa::adapters::graphql {
namespace {

using nlohmann::json;

GraphqlError to_error(std::string code, std::string resource, std::string message) {
  return {.message = std::move(message),
          .locations = {},
          .path = {},
          .code = std::move(code),
          .resource = std::move(resource)};
}

bool is_batch(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

/// Takes members out of a request's object and gathers what is wrong with them.
class Members {
 public:
  explicit Members(const json& object) : object_{object} {}

  const json* find(const std::string& name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  std::string text(const std::string& name) {
    const auto* value = find(name);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    refuse(name, "wrong-type", "must be a string.");
    return {};
  }

  json map(const std::string& name) {
    const auto* value = find(name);
    if (value == nullptr || value->is_object()) return value == nullptr ? json{} : *value;
    refuse(name, "wrong-type", "must be an object.");
    return {};
  }

  void refuse(const std::string& name, const std::string& why, const std::string& message) {
    errors_.push_back(to_error(name + "-" + why, name, name + " " + message));
  }

  const GraphqlErrors& errors() const { return errors_; }

 private:
  const json& object_;
  GraphqlErrors errors_;
};

/// There is a hash of a text where the text should be.
bool names_persisted_query(const Members& members, const json& extensions) {
  const auto* query = members.find("query");
  const bool missing = query == nullptr || (query->is_string() && query->get_ref<const std::string&>().empty());
  const auto persisted = extensions.find("persistedQuery");
  return missing && persisted != extensions.end() && persisted->is_object();
}

}  // namespace

Outcome<json> read_json(std::string_view text) {
  if (is_batch(text)) {
    return graphql::refuse(to_error("batch-refused", "", "One request at a time: batches are not accepted."));
  }
  auto tree = read_json_tree(text);
  if (!tree) return graphql::refuse(to_graphql_errors(tree.error()));
  return std::move(*tree);
}

bool asks_for_text(const GraphqlErrors& errors) { return errors.front().code == kPersistedQueryNotSupported; }

Outcome<Params> read_params(const json& object) {
  Members members{object};
  const auto extensions = members.map("extensions");
  if (names_persisted_query(members, extensions)) {
    return graphql::refuse(to_error(std::string{kPersistedQueryNotSupported}, "", "PersistedQueryNotSupported"));
  }
  if (members.find("query") == nullptr) members.refuse("query", "missing", "must hold a GraphQL text.");
  Params params{members.text("query"), members.text("operationName"), members.map("variables")};
  if (!members.errors().empty()) return graphql::refuse(members.errors());
  return params;
}

}  // namespace danwa::adapters::graphql
