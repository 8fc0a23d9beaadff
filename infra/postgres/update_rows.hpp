#pragma once

#include "adapters/persistence/update_row.hpp"
#include "domain/channel/update.hpp"
#include "infra/postgres/rows.hpp"

// The entries of every channel's log, as rows. Throws std::runtime_error for what is none.
namespace danwa::infra::pg {

using adapters::UpdateType;

/// Of a row with the columns that adapters::read_update_body wants.
domain::Update read_update(const Row& row, const domain::ChannelKey& channel);

}  // namespace danwa::infra::pg
