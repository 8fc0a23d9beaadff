#include "infra/postgres/comment_rows.hpp"

namespace danwa::infra::pg {

domain::Comment read_comment(const Row& row, const domain::CompanyId& company, int column) {
  return domain::Comment{.id = domain::CommentId{row.uuid(column + 1)},
                         .company = company,
                         .conversation = domain::ConversationKey::trusted(row.text(column)),
                         .author = domain::UserId::trusted(row.text(column + 2)),
                         .content = domain::CommentContent::trusted(row.text(column + 3)),
                         .client_ref = row.optional_text(column + 4),
                         .seq = row.number(column + 5),
                         .version = row.number(column + 6),
                         .created_at = row.time(column + 7),
                         .updated_at = row.time(column + 8)};
}

}  // namespace danwa::infra::pg
