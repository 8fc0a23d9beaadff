#include "infra/postgres/postgres_conversation_repository.hpp"

#include "adapters/persistence/rows.hpp"
#include "adapters/persistence/sql.hpp"
#include "usecase/ports/page_text.hpp"

namespace danwa::infra::pg {
namespace {

using adapters::kSql;
using domain::ChannelKind;
using domain::MemberRole;
using domain::Result;
using usecase::Async;
using RoomPort = usecase::ConversationRepository;

/// The conversation $1 (company), $2 (key) as $3 sees it.
constexpr const char* kView = kSql<
    "SELECT head, title, visibility, "
    "(SELECT role FROM members WHERE channel_id = channels.id AND user_id = $3), "
    "EXISTS(SELECT 1 FROM members WHERE channel_id = channels.id AND role = #) "
    "FROM channels WHERE company = $1 AND kind = # AND key = $2",
    MemberRole::owner, ChannelKind::conversation>;

constexpr const char* kMembersPage = kSql<
    "SELECT user_id, role, joined_ms, seq FROM members "
    "WHERE channel_id = (SELECT id FROM channels WHERE company = $1 AND kind = # AND key = $2) AND user_id > $3 "
    "ORDER BY user_id LIMIT $4::bigint",
    ChannelKind::conversation>;

Values view_values(const domain::ChannelKey& channel, const domain::UserId& user) {
  return Values{}.add(channel.company.value()).add(channel.key).add(user.value());
}

/// The view that the first query, kView, has found.
RoomPort::View read_view(const Snapshot& found, const domain::ChannelKey& channel) {
  RoomPort::View view{{channel.company, domain::ConversationKey::trusted(channel.key), {}, {}}, {}};
  view.epoch = found.epoch();
  if (found.rows(0).empty()) return view;
  const Row row = found.rows(0)[0];
  view.head = row.number(0);
  view.conversation.title = adapters::read_title(row, 1);
  view.conversation.visibility = adapters::read_visibility(row, 2);
  if (!row.is_null(3)) view.standing.role = adapters::read_role(row, 3);
  view.standing.has_owner = row.truth(4);
  view.exists = true;
  return view;
}

}  // namespace

Async<Result<RoomPort::View>> PostgresConversationRepository::view(domain::CompanyId company,
                                                                   domain::ConversationKey conversation,
                                                                   domain::UserId user) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  Script queries;
  queries.add(kView, view_values(channel, user));
  auto decode = [channel = std::move(channel)](const Snapshot& found) -> Result<View> {
    return read_view(found, channel);
  };
  co_return co_await runner_.read<View>(std::move(queries), std::move(decode));
}

Async<Result<RoomPort::Members>> PostgresConversationRepository::members(domain::CompanyId company,
                                                                         domain::ConversationKey conversation,
                                                                         domain::UserId viewer,
                                                                         std::optional<domain::UserId> after,
                                                                         std::size_t limit) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  Script queries;
  queries.add(kView, view_values(channel, viewer));
  const std::string last = after ? after->value() : std::string{};
  queries.add(kMembersPage, Values{}.add(channel.company.value()).add(channel.key).add(last).add(limit + 1));
  auto decode = [channel = std::move(channel), limit](const Snapshot& found) -> Result<Members> {
    Members page{.members = {}, .view = read_view(found, channel)};
    const Rows& rows = found.rows(1);
    usecase::PageText text{usecase::PageSize::kText};
    for (std::size_t n = 0; n < rows.size(); ++n) {
      page.more = page.members.size() == limit || !text.admits({rows[n].view(0)});
      if (page.more) break;
      page.members.push_back(adapters::read_member(rows[n]));
    }
    return page;
  };
  co_return co_await runner_.read<Members>(std::move(queries), std::move(decode));
}

}  // namespace danwa::infra::pg
