#include "infra/jwt/strict_json.hpp"

#include <set>
#include <string>
#include <vector>

namespace danwa::infra {

std::optional<nlohmann::json> parse_strict_object(std::string_view text, int max_depth) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> open_objects;
  bool ok = true;
  const auto look = [&](int depth, Event event, nlohmann::json& parsed) {
    if (depth >= max_depth && (event == Event::object_start || event == Event::array_start)) ok = false;
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    if (event == Event::key && !open_objects.back().insert(parsed.get<std::string>()).second) ok = false;
    return true;
  };
  auto json = nlohmann::json::parse(text.begin(), text.end(), look, /*allow_exceptions=*/false);
  if (!ok || !json.is_object()) return std::nullopt;
  return json;
}

}  // namespace danwa::infra
