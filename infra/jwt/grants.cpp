#include "infra/jwt/grants.hpp"

#include "domain/core/bounded_text.hpp"

namespace danwa::infra {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxEntries = 64;
constexpr domain::TextRules kPatternRules{"conversations", 254, false};

std::optional<std::string> read_pattern(const json& grant) {
  if (grant.contains("conversations") == grant.contains("pattern")) return std::nullopt;  // exactly one
  const auto& value = grant.contains("pattern") ? grant["pattern"] : grant["conversations"];
  if (!value.is_string()) return std::nullopt;
  auto pattern = domain::parse_text(value.get<std::string>(), kPatternRules);
  if (!pattern) return std::nullopt;
  return std::move(*pattern);
}

std::optional<std::vector<domain::Verb>> read_verbs(const json& grant) {
  const auto list = grant.find("verbs");
  if (list == grant.end() || !list->is_array() || list->size() > kMaxEntries) return std::nullopt;
  std::vector<domain::Verb> verbs;
  for (const auto& name : *list) {
    const auto verb = name.is_string() ? domain::parse_verb(name.get_ref<const std::string&>()) : std::nullopt;
    if (verb) verbs.push_back(*verb);
  }
  return verbs;
}

}  // namespace

std::optional<std::vector<domain::StoreId>> read_stores(const json& claims) {
  std::vector<domain::StoreId> stores;
  const auto list = claims.find("stores");
  if (list == claims.end()) return stores;
  if (!list->is_array() || list->size() > kMaxEntries) return std::nullopt;
  for (const auto& name : *list) {
    if (!name.is_string()) return std::nullopt;
    auto store = domain::StoreId::parse(name.get<std::string>());
    if (!store) return std::nullopt;
    stores.push_back(std::move(*store));
  }
  return stores;
}

std::optional<std::vector<domain::Grant>> read_grants(const json& list) {
  if (!list.is_array() || list.size() > kMaxEntries) return std::nullopt;
  std::vector<domain::Grant> grants;
  for (const auto& grant : list) {
    if (!grant.is_object()) return std::nullopt;
    auto pattern = read_pattern(grant);
    auto verbs = read_verbs(grant);
    if (!pattern || !verbs) return std::nullopt;
    grants.push_back({std::move(*pattern), std::move(*verbs)});
  }
  return grants;
}

}  // namespace danwa::infra
