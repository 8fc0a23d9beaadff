#include "infra/postgres/postgres_comment_repository.hpp"

#include <algorithm>
#include <string>

#include "adapters/persistence/rows.hpp"
#include "adapters/persistence/sql.hpp"
#include "usecase/ports/page_text.hpp"

namespace danwa::infra::pg {
namespace {

using adapters::kSql;
using adapters::UpdateType;
using domain::ChannelKind;
using domain::fail;
using domain::Result;
using usecase::Async;
using CommentPort = usecase::CommentRepository;

constexpr const char* kFindComment =
    "SELECT c.key, o.id, o.author, o.content, o.client_ref, o.seq, o.version, o.created_ms, o.updated_ms "
    "FROM comments o JOIN channels c ON c.id = o.channel_id "
    "WHERE o.id = $1::uuid AND o.company = $2 AND NOT o.removed";

constexpr const char* kHead =
    kSql<"SELECT head FROM channels WHERE company = $1 AND kind = # AND key = $2", ChannelKind::conversation>;

// Walks the channel's log by its index and looks only at what is a comment still (type 0). The server sends no text
// that surely does not fit on the page; what exactly fits is counted here.
std::string page_of_comments(const std::string& order) {
  return "SELECT $2, id, author, content, client_ref, seq, version, created_ms, updated_ms FROM ("
         "SELECT o.id, o.author, o.content, o.client_ref, u.seq, o.version, o.created_ms, o.updated_ms, "
         "sum(octet_length(o.content)) OVER (ORDER BY u.seq " +
         order +
         " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before "
         "FROM updates u JOIN comments o ON o.id = u.subject_id " +
         kSql<
             "WHERE u.channel_id = (SELECT id FROM channels WHERE company = $1 AND kind = # AND key = $2) AND u.type = "
             "# "
             "AND u.seq >= (SELECT first_seq FROM channels WHERE company = $1 AND kind = # AND key = $2) "
             "AND u.seq > $3::bigint AND u.seq < $4::bigint ORDER BY u.seq ",
             ChannelKind::conversation, UpdateType::added, ChannelKind::conversation> +
         order + " LIMIT $5::bigint) page WHERE coalesce(before, 0) <= $6::bigint ORDER BY seq " + order;
}

/// Lives as long as the program: connections know a statement by its address.
const char* page_statement(bool oldest_first) {
  static const std::string kNewest = page_of_comments("DESC");
  static const std::string kOldest = page_of_comments("ASC");
  return (oldest_first ? kOldest : kNewest).c_str();
}

Script page_queries(const domain::CompanyId& company, const domain::ConversationKey& conversation,
                    const CommentPort::Range& range) {
  Script queries;
  queries.add(kHead, Values{}.add(company.value()).add(conversation.value()));
  Values values;
  values.add(company.value()).add(conversation.value()).add(range.after.value_or(0));
  values.add(std::min(range.before.value_or(domain::kMaxSeq), domain::kMaxSeq)).add(range.limit + 1);
  values.add(usecase::PageSize::kText);
  queries.add(page_statement(range.after.has_value()), std::move(values));
  return queries;
}

CommentPort::Page read_page(const Snapshot& found, const domain::CompanyId& company, const CommentPort::Range& range) {
  CommentPort::Page page{.comments = {}, .epoch = found.epoch()};
  if (found.rows(0).empty()) return page;
  page.head = found.rows(0)[0].number(0);
  const Rows& rows = found.rows(1);
  usecase::PageText text{usecase::PageSize::kText};
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const Row row = rows[n];
    page.more = page.comments.size() == range.limit || !text.admits({row.view(2), row.view(3), row.view(4)});
    if (page.more) break;
    page.comments.push_back(adapters::read_comment(row, company));
  }
  if (!range.after) std::reverse(page.comments.begin(), page.comments.end());
  return page;
}

}  // namespace

Async<Result<domain::Comment>> PostgresCommentRepository::find(domain::CompanyId company, domain::CommentId id) {
  Script queries;
  queries.add(kFindComment, Values{}.add(id.value).add(company.value()));
  auto decode = [company = std::move(company)](const Snapshot& found) -> Result<domain::Comment> {
    if (found.rows(0).empty()) return fail(domain::comment_not_found());
    return adapters::read_comment(found.rows(0)[0], company);
  };
  co_return co_await runner_.read<domain::Comment>(std::move(queries), std::move(decode));
}

// A comment never changes its conversation: what is found before the transaction is right in it, too.
Async<Result<CommentPort::Page>> PostgresCommentRepository::list(domain::CompanyId company,
                                                                 domain::ConversationKey conversation, Range range,
                                                                 usecase::Freshness wanted) {
  auto queries = page_queries(company, conversation, range);
  auto decode = [company = std::move(company), range](const Snapshot& found) -> Result<Page> {
    return read_page(found, company, range);
  };
  co_return co_await runner_.read_fresh<Page>(std::move(wanted), std::move(queries), std::move(decode));
}

}  // namespace danwa::infra::pg
