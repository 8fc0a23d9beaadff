#pragma once

#include "domain/channel/position.hpp"
#include "infra/sqlite/write_action.hpp"

// The end of the log: the global position of its newest row. The functions throw SQLite::Exception.
namespace danwa::infra {

/// The end as a read transaction sees it; without a transaction, the end at this moment.
domain::Position read_position(Connection& connection);

/// The end including the rows that the transaction has written so far: the position of its last change, at most that of
/// its commit.
domain::Position position_in(WriteTransaction& transaction);

}  // namespace danwa::infra
