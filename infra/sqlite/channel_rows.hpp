#pragma once

#include <cstdint>
#include <optional>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/conversation/conversation.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/query.hpp"

// Channels and the log's identity, as rows. Throw SQLite::Exception.
namespace danwa::infra {

domain::Epoch read_epoch(Connection& connection);

/// How many low bits of a place its block leaves out: see the schema.
inline constexpr int kPlaceBlockBits = 10;

struct ChannelRow {
  std::int64_t id;
  domain::Seq head;
};
std::optional<ChannelRow> find_channel(Connection& connection, const domain::ChannelKey& channel);

std::optional<domain::ConversationTitle> read_title(const Query& row, int column);

/// Anything that is not known to be open is private.
domain::Visibility read_visibility(const Query& row, int column);

/// Nothing for an id that no channel has.
std::optional<domain::ChannelKey> channel_key(Connection& connection, std::int64_t id);

/// Gives the log a new identity, unless another process has done so since it was `known`; answers the
/// identity it has now. Inside a write transaction.
domain::Epoch renew_epoch(Connection& connection, const domain::Epoch& known);

}  // namespace danwa::infra
