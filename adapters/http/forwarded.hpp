#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/core/error.hpp"

namespace danwa::adapters::http {

/// True when a proxy passed the request on, and it is not certain that all who sent and passed it are on this host.
/// `headers`: of a request or of a call's metadata, names in lower case. Looks at `Forwarded` (RFC 7239) and at what
/// proxies send besides it (`X-Forwarded-For`, `X-Real-IP`, ...); a request that shows a proxy and no address
/// (`Via`, `X-Forwarded-Host`) counts, because nobody can tell whom it comes from.
bool is_forwarded_from_afar(const std::vector<std::pair<std::string, std::string>>& headers);

/// The error for it where the node proves nothing of its callers: kind forbidden, code `development-behind-proxy`.
domain::Errors development_behind_proxy();

}  // namespace danwa::adapters::http
