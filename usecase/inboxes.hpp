#pragma once

#include <vector>

#include "domain/account/credential.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/core/result.hpp"

namespace danwa::usecase {

/// Maximum number of stores of a caller: the channels that one watch can hold beside those of the person and the
/// company.
inline constexpr std::size_t kMaxStores = 64;

/// The inboxes of `who`: their own, their stores', their company's; all different, in this order. Errors:
/// `token-required` (unauthenticated) for callers without a name; `too-many-stores` (validation).
domain::Result<std::vector<domain::ChannelKey>> inboxes_of(const domain::Credential& who);

}  // namespace danwa::usecase
