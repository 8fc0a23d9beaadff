#pragma once

#include <optional>

#include "domain/channel/channel_key.hpp"
#include "domain/conversation/conversation.hpp"
#include "infra/postgres/rows.hpp"
#include "infra/postgres/snapshot.hpp"
#include "usecase/ports/conversation_repository.hpp"

// Conversations as rooms, and their members, as rows. Throws std::runtime_error for what is none.
namespace danwa::infra::pg {

std::optional<domain::ConversationTitle> read_title(const Row& row, int column);

/// Anything that is not known to be open is private.
domain::Visibility read_visibility(const Row& row, int column);

domain::MemberRole read_role(const Row& row, int column);

/// The columns user_id, role, joined_ms, seq.
domain::Member read_member(const Row& row);

/// The conversation $1 (company), $2 (key) as $3 sees it.
inline constexpr const char* kView =
    "SELECT head, title, visibility, "
    "(SELECT role FROM members WHERE channel_id = channels.id AND user_id = $3), "
    "EXISTS(SELECT 1 FROM members WHERE channel_id = channels.id AND role = 1) "
    "FROM channels WHERE company = $1 AND kind = 0 AND key = $2";

/// The view that the nth query, kView, has found.
usecase::ConversationRepository::View read_view(const Snapshot& found, std::size_t n,
                                                const domain::ChannelKey& channel);

}  // namespace danwa::infra::pg
