#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "domain/account/credential.hpp"

namespace danwa::infra {

/// The claim `stores`: absent, or a list of at most 64 store ids. Returns nullopt if it is malformed.
std::optional<std::vector<domain::StoreId>> read_stores(const nlohmann::json& claims);

/// The claim `grants`: a list of at most 64 `{"conversations": pattern, "verbs": [...]}` (`pattern` is another name of
/// `conversations`). Returns nullopt if it is malformed. An unknown verb is ignored, because an issuer may be newer
/// than this node.
std::optional<std::vector<domain::Grant>> read_grants(const nlohmann::json& list);

}  // namespace danwa::infra
