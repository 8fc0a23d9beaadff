#pragma once

#include <cstdint>
#include <optional>

#include "adapters/persistence/rows.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/conversation/decisions.hpp"
#include "domain/update/update.hpp"
#include "infra/sqlite/connection.hpp"

// Channels, what is in them, and the log's identity, as rows that are read. Throw SQLite::Exception.
namespace danwa::sqlite {

domain::Epoch read_epoch(Connection& connection);

/// How far the log has come: the global position of its newest row, 0 without any.
std::uint64_t newest_position(Connection& connection);

/// Inside a transaction that reads, or alone: then as it is at that moment.
domain::Position read_position(Connection& connection);

/// How many low bits of a place its block leaves out: see the schema.
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

/// The columns that adapters::read_update_body wants.
domain::Update read_update(const Query& row, const domain::ChannelKey& channel);

/// Nothing for an id that no channel has.
std::optional<domain::ChannelKey> channel_key(Connection& connection, std::int64_t id);

/// Gives the log a new identity, unless another process has done so since it was `known`; answers the
/// identity it has now. Inside a write transaction.
domain::Epoch renew_epoch(Connection& connection, const domain::Epoch& known);

}  // namespace danwa::sqlite
