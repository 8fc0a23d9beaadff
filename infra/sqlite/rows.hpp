#pragma once

#include <cstdint>
#include <optional>

#include "adapters/persistence/rows.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/conversation/decisions.hpp"
#include "infra/sqlite/connection.hpp"

// Reads rows of channels, comments and updates, and the log's identity. All functions throw SQLite::Exception.
namespace danwa::sqlite {

domain::Epoch read_epoch(Connection& connection);

/// The global position of the newest row of the log; 0 if there is none.
std::uint64_t newest_position(Connection& connection);

/// The position in the snapshot of the current transaction, or as of now without one.
domain::Position read_position(Connection& connection);

/// The number of low bits of a place that its block leaves out (see the schema in migrations.cpp).
inline constexpr int kPlaceBlockBits = 10;

struct ChannelRow {
  std::int64_t id;
  domain::Seq head;
};
std::optional<ChannelRow> find_channel(Connection& connection, const domain::ChannelKey& channel);

/// A conversation as `user` sees it, by one statement, which is a snapshot of its own.
domain::ConversationView read_view(Connection& connection, const domain::ChannelKey& channel,
                                   const domain::UserId& user);

/// The comment, unless it is removed or of another company.
std::optional<domain::Comment> find_comment(Connection& connection, const domain::CompanyId& company,
                                            const domain::CommentId& id);

/// nullopt: no channel has this id.
std::optional<domain::ChannelKey> channel_key(Connection& connection, std::int64_t id);

/// Gives the log a new epoch, unless another process has replaced `known` already. Returns the epoch that it has now.
/// Must run in a write transaction.
domain::Epoch renew_epoch(Connection& connection, const domain::Epoch& known);

}  // namespace danwa::sqlite
