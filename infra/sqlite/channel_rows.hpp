#pragma once

#include <cstdint>
#include <optional>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/conversation/conversation.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/query.hpp"

// Channels and the epoch of the log, as rows. The functions throw SQLite::Exception.
namespace danwa::infra {

domain::Epoch read_epoch(Connection& connection);

/// Number of low bits of a place that its block leaves out, see the schema.
inline constexpr int kPlaceBlockBits = 10;

struct ChannelRow {
  std::int64_t id;
  domain::Seq head;
};
std::optional<ChannelRow> find_channel(Connection& connection, const domain::ChannelKey& channel);

std::optional<domain::ConversationTitle> read_title(const Query& row, int column);

/// Every value other than open is read as private.
domain::Visibility read_visibility(const Query& row, int column);

/// Empty if no channel has this id.
std::optional<domain::ChannelKey> channel_key(Connection& connection, std::int64_t id);

/// Gives the log a new epoch, unless another process has changed the epoch since it was `known`. Returns the current
/// epoch. Inside a write transaction.
domain::Epoch renew_epoch(Connection& connection, const domain::Epoch& known);

}  // namespace danwa::infra
