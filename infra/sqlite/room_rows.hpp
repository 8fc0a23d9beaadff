#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "domain/conversation/conversation.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/write_action.hpp"
#include "usecase/ports/conversation_repository.hpp"

// Conversations as rooms, and their members, as rows. The functions that take a WriteTransaction are called
// inside one and see what its earlier actions did. They throw SQLite::Exception.
namespace danwa::infra {

/// A conversation as `user` sees it, with the number of its row (0: it has none).
struct Room {
  std::int64_t channel = 0;
  usecase::ConversationRepository::View view;
};

/// By one statement, which is a snapshot of its own.
Room read_room(Connection& connection, const domain::ChannelKey& channel, const domain::UserId& user);
Room read_room(WriteTransaction& transaction, const domain::ChannelKey& channel, const domain::UserId& user);

/// Whether `user` may read and change what is in the conversation now; costs nothing where it is open and
/// the book knows it. Errors: `not-a-member`.
domain::Result<void> enter(WriteTransaction& transaction, const domain::ChannelKey& channel,
                           const domain::UserId& user);

/// Whether nobody but `user` has written here or is a member.
bool has_for_itself(WriteTransaction& transaction, const Room& room, const domain::UserId& user);

/// Who has a comment here among the last domain::kKeptAuthorsWithin updates, is no member, and was not turned out by
/// somebody else in them; by their ids.
std::vector<domain::UserId> authors_outside(WriteTransaction& transaction, const Room& room);

std::optional<domain::Member> find_member(Connection& connection, std::int64_t channel, const domain::UserId& user);

/// The columns user, role, joined_ms, seq.
domain::Member read_member(const Query& row);

/// Adds a member, or gives one another role.
void save_member(WriteTransaction& transaction, std::int64_t channel, const domain::Member& member);

void delete_member(WriteTransaction& transaction, std::int64_t channel, const domain::UserId& user);

/// Writes title and visibility of a conversation that has a row.
void save_settings(WriteTransaction& transaction, const domain::Conversation& conversation);

}  // namespace danwa::infra
