#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/http/request.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters::http {

/// The entity tag of a version: `"3"`, quotes included.
std::string to_etag(std::uint64_t version);

/// The version that `If-Match` asks for; nothing when it is absent or `*`. A tag that is weak or not a
/// version of ours matches none: 0, which no entity has. Errors: `if-match-invalid` (malformed), also
/// for more than one version.
domain::Result<std::optional<std::uint64_t>> if_match(const Request& request);

/// True when `If-None-Match` names `etag` (weak comparison) or is `*`: 304 for a GET.
bool none_match_hits(const Request& request, std::string_view etag);

}  // namespace danwa::adapters::http
