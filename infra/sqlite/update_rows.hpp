#pragma once

#include <cstdint>

#include "adapters/persistence/update_row.hpp"
#include "domain/update/update.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/write_action.hpp"

// The entries of the channels' logs, as rows. The functions throw SQLite::Exception.
namespace danwa::infra {

using adapters::UpdateType;

/// Grows the channel of `update` to its seq, and makes the channel's row when there is none; answers the row's id.
/// Throws std::logic_error when another seq is the next.
std::int64_t grow_channel(WriteTransaction& transaction, const adapters::NewUpdate& update);

/// Writes `update`, to whose seq `channel` has grown, and makes it the witness of the transaction.
void insert_update(WriteTransaction& transaction, std::int64_t channel, const adapters::NewUpdate& update);

/// Both for `event`; answers the channel's id.
template <class Event>
std::int64_t append(WriteTransaction& transaction, const Event& event) {
  const auto update = adapters::row_of(event);
  const auto channel = grow_channel(transaction, update);
  insert_update(transaction, channel, update);
  return channel;
}

/// `row` has the columns that adapters::read_update_body expects.
domain::UpdateBody read_body(const Query& row);

}  // namespace danwa::infra
