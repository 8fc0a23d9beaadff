#include "usecase/inboxes.hpp"

#include <set>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::usecase {

using domain::ChannelKey;

static_assert(kMaxStores + 2 == Watch::kMaxChannels);

domain::Result<std::vector<ChannelKey>> inboxes_of(const domain::Credential& who) {
  if (auto named = require_named(who); !named) return domain::fail(std::move(named).error());
  const std::set<domain::StoreId> stores{who.stores.begin(), who.stores.end()};
  if (stores.size() > kMaxStores) {
    return domain::fail(domain::validation_error("too-many-stores", "stores",
                                                 "At most " + std::to_string(kMaxStores) + " stores can be watched."));
  }
  std::vector<ChannelKey> inboxes{ChannelKey::inbox(who.company, who.user)};
  for (const auto& store : stores) inboxes.push_back(ChannelKey::inbox(who.company, store));
  inboxes.push_back(ChannelKey::inbox(who.company));
  return inboxes;
}

}  // namespace danwa::usecase
