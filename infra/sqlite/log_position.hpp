#pragma once

#include "domain/channel/position.hpp"
#include "infra/sqlite/write_action.hpp"

// How far the log has come: the global position of its newest row. Throw SQLite::Exception.
namespace danwa::infra {

/// Inside a transaction that reads, or alone: then as it is at that moment.
domain::Position read_position(Connection& connection);

/// With what the transaction has written so far; so the position of the last change in it, of its commit at most.
domain::Position position_in(WriteTransaction& transaction);

}  // namespace danwa::infra
