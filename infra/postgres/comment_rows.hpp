#pragma once

#include "domain/channel/channel_key.hpp"
#include "domain/comment/comment.hpp"
#include "infra/postgres/rows.hpp"

namespace danwa::infra::pg {

/// The channel in whose log the comment stands.
domain::ChannelKey channel_of(const domain::Comment& comment);

/// Reads a comment from the columns that begin at `column`: key, id, author, content, client_ref, seq, version,
/// created_ms, updated_ms. Throws std::runtime_error for an invalid row.
domain::Comment read_comment(const Row& row, const domain::CompanyId& company, int column = 0);

}  // namespace danwa::infra::pg
