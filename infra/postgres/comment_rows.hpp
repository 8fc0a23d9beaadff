#pragma once

#include "domain/comment/comment.hpp"
#include "infra/postgres/rows.hpp"

namespace danwa::infra::pg {

/// The columns of a comment that begin at `column`: key, id, author, content, client_ref, seq, version,
/// created_ms, updated_ms. Throws std::runtime_error for what is none.
domain::Comment read_comment(const Row& row, const domain::CompanyId& company, int column = 0);

}  // namespace danwa::infra::pg
