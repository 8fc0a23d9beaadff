#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace danwa::infra {

/// Reads a JSON object: RFC 8259, valid UTF-8, no duplicate member names at any depth, at most `max_depth` levels, no
/// text after it. Returns nullopt otherwise.
std::optional<nlohmann::json> parse_strict_object(std::string_view text, int max_depth = 8);

}  // namespace danwa::infra
