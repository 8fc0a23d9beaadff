#pragma once

#include "adapters/persistence/update_row.hpp"
#include "domain/update/update.hpp"
#include "infra/postgres/rows.hpp"

// Reads the entries of the channels' logs from rows. Throws std::runtime_error for an invalid row.
namespace danwa::infra::pg {

using adapters::UpdateType;

/// `row` has the columns that adapters::read_update_body expects.
domain::Update read_update(const Row& row, const domain::ChannelKey& channel);

}  // namespace danwa::infra::pg
