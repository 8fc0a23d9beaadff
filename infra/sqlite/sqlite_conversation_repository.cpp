#include "infra/sqlite/sqlite_conversation_repository.hpp"

#include "infra/sqlite/rows.hpp"
#include "usecase/ports/page_text.hpp"

namespace danwa::infra {
namespace {

using domain::Result;
using usecase::Async;
using Port = usecase::ConversationRepository;

Port::Members members_in(Connection& connection, const domain::ChannelKey& channel, const domain::UserId& viewer,
                         const std::string& after, std::size_t limit) {
  const ReadTransaction snapshot{connection};
  Port::Members page{.members = {}, .view = read_view(connection, channel, viewer)};
  const auto row = find_channel(connection, channel);
  if (!row) return page;
  Query query{connection,
              "SELECT user, role, joined_ms, seq FROM members WHERE channel_id = ? AND user > ? ORDER BY user LIMIT ?"};
  query.bind(row->id).bind(after).bind(static_cast<std::int64_t>(limit) + 1);
  usecase::PageText text{usecase::PageSize::kText};
  while (query.step()) {
    page.more = page.members.size() == limit || !text.admits({query.view(0)});
    if (page.more) break;
    page.members.push_back(adapters::read_member(query));
  }
  return page;
}

}  // namespace

Async<Result<Port::View>> SqliteConversationRepository::view(domain::CompanyId company,
                                                             domain::ConversationKey conversation,
                                                             domain::UserId user) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  auto work = [channel = std::move(channel), user = std::move(user)](Connection& connection) {
    return read_view(connection, channel, user);
  };
  co_return co_await runner_.run_readonly<View>(usecase::ReadFrom::master, std::move(work));
}

Async<Result<Port::Members>> SqliteConversationRepository::members(domain::CompanyId company,
                                                                   domain::ConversationKey conversation,
                                                                   domain::UserId viewer,
                                                                   std::optional<domain::UserId> after,
                                                                   std::size_t limit) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  std::string name = after ? after->value() : std::string{};
  auto work = [channel = std::move(channel), viewer = std::move(viewer), name = std::move(name),
               limit](Connection& connection) { return members_in(connection, channel, viewer, name, limit); };
  co_return co_await runner_.run_readonly<Members>(usecase::ReadFrom::master, std::move(work));
}

}  // namespace danwa::infra
