#include "infra/postgres/postgres_conversation_repository.hpp"

#include "infra/postgres/room_actions.hpp"
#include "infra/postgres/room_rows.hpp"
#include "usecase/ports/page_text.hpp"

namespace danwa::infra::pg {
namespace {

using domain::Result;
using usecase::Async;

constexpr const char* kMembersPage =
    "SELECT user_id, role, joined_ms, seq FROM members "
    "WHERE channel_id = (SELECT id FROM channels WHERE company = $1 AND kind = 0 AND key = $2) AND user_id > $3 "
    "ORDER BY user_id LIMIT $4::bigint";

Values view_values(const domain::ChannelKey& channel, const domain::UserId& user) {
  return Values{}.add(channel.company.value()).add(channel.key).add(user.value());
}

}  // namespace

Async<Result<RoomPort::View>> PostgresConversationRepository::view(domain::CompanyId company,
                                                                   domain::ConversationKey conversation,
                                                                   domain::UserId user) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  Script queries;
  queries.add(kView, view_values(channel, user));
  auto decode = [channel = std::move(channel)](const Snapshot& found) -> Result<View> {
    return read_view(found, 0, channel);
  };
  co_return co_await runner_.read<View>(std::move(queries), std::move(decode));
}

Async<Result<RoomPort::Configured>> PostgresConversationRepository::configure(Change change, Settings settings,
                                                                              SettingsRule rule) {
  auto make = [change = std::move(change), settings = std::move(settings),
               rule = std::move(rule)](auto resume) mutable {
    return std::make_unique<ConfigureRoom>(std::move(change), std::move(settings), std::move(rule), std::move(resume));
  };
  co_return co_await runner_.change<Configured>(std::move(make));
}

Async<Result<RoomPort::Joined>> PostgresConversationRepository::join(Change change, domain::UserId user, Rule rule) {
  auto make = [change = std::move(change), user = std::move(user), rule = std::move(rule)](auto resume) mutable {
    return std::make_unique<JoinRoom>(std::move(change), std::move(user), std::move(rule), std::move(resume));
  };
  co_return co_await runner_.change<Joined>(std::move(make));
}

Async<Result<RoomPort::Left>> PostgresConversationRepository::leave(Change change, domain::UserId user, Rule rule) {
  auto make = [change = std::move(change), user = std::move(user), rule = std::move(rule)](auto resume) mutable {
    return std::make_unique<LeaveRoom>(std::move(change), std::move(user), std::move(rule), std::move(resume));
  };
  co_return co_await runner_.change<Left>(std::move(make));
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
    Members page{.members = {}, .view = read_view(found, 0, channel)};
    const Rows& rows = found.rows(1);
    usecase::PageText text{usecase::PageSize::kText};
    for (std::size_t n = 0; n < rows.size(); ++n) {
      page.more = page.members.size() == limit || !text.admits({rows[n].view(0)});
      if (page.more) break;
      page.members.push_back(read_member(rows[n]));
    }
    return page;
  };
  co_return co_await runner_.read<Members>(std::move(queries), std::move(decode));
}

}  // namespace danwa::infra::pg
