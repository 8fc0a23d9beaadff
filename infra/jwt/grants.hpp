#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "domain/account/credential.hpp"

namespace danwa::infra {

/// The claim `stores`: absent, or a list of at most 64 store ids; nothing when malformed.
std::optional<std::vector<domain::StoreId>> read_stores(const nlohmann::json& claims);

/// The claim `grants`: a list of at most 64 `{"conversations": pattern, "verbs": [...]}` (`pattern` is
/// another name of `conversations`); nothing when malformed. A verb that is not known here, of an issuer that is newer
/// than this node, gives nothing and takes nothing from the others.
std::optional<std::vector<domain::Grant>> read_grants(const nlohmann::json& list);

}  // namespace danwa::infra
