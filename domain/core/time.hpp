#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace danwa::domain {

/// A moment in UTC, in milliseconds, to be shown and stored. Never used to order.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// RFC 3339 in UTC with milliseconds: `2026-11-22T09:08:07.006Z`.
std::string to_rfc3339(Timestamp time);

/// Reads that form; the fraction may be absent or have 1 to 3 digits, the zone must be `Z`.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace danwa::domain
