#include "infra/sqlite/sqlite_conversation_repository.hpp"

#include "infra/sqlite/room_rows.hpp"
#include "infra/sqlite/update_rows.hpp"
#include "usecase/ports/page_text.hpp"

namespace danwa::infra {
namespace {

using domain::fail;
using domain::Result;
using usecase::Async;
using Port = usecase::ConversationRepository;

Port::Members members_in(Connection& connection, const domain::ChannelKey& channel, const domain::UserId& viewer,
                         const std::string& after, std::size_t limit) {
  const ReadTransaction snapshot{connection};
  Room room = read_room(connection, channel, viewer);
  Port::Members page{.members = {}, .view = std::move(room.view)};
  Query query{connection,
              "SELECT user, role, joined_ms, seq FROM members WHERE channel_id = ? AND user > ? ORDER BY user LIMIT ?"};
  query.bind(room.channel).bind(after).bind(static_cast<std::int64_t>(limit) + 1);
  usecase::PageText text{usecase::PageSize::kText};
  while (query.step()) {
    page.more = page.members.size() == limit || !text.admits({query.view(0)});
    if (page.more) break;
    page.members.push_back(read_member(query));
  }
  return page;
}

Result<Port::Configured> configure_in(WriteTransaction& transaction, const Port::Change& change,
                                      const Port::Settings& settings, const Port::SettingsRule& rule) {
  Room room = read_room(transaction, channel_of(change), change.by);
  room.view.standing.alone = has_for_itself(transaction, room, change.by);
  domain::ConfigureFacts facts{room.view, find_member(transaction.connection, room.channel, change.by), {}};
  if (may_close(room.view.conversation, settings)) facts.authors = authors_outside(transaction, room);
  auto decided = domain::decide_configure(std::move(facts), change, settings, rule);
  if (!decided) return fail(std::move(decided).error());
  for (const auto& joined : decided->joined) append(transaction, joined);
  if (decided->changed) {
    const auto channel = append(transaction, *decided->changed);
    for (const auto& member : decided->members) save_member(transaction, channel, member);
    save_settings(transaction, decided->changed->conversation);
  }
  return Port::Configured{std::move(decided->view), decided->created, std::move(decided->joined),
                          std::move(decided->changed)};
}

/// The room as who changes it sees it, and whom the change is about.
Room read_room_about(WriteTransaction& transaction, const Port::Change& change, const domain::UserId& user) {
  Room room = read_room(transaction, channel_of(change), change.by);
  room.view.member = find_member(transaction.connection, room.channel, user);
  return room;
}

Result<Port::Joined> join_in(WriteTransaction& transaction, const Port::Change& change, const domain::UserId& user,
                             const Port::Rule& rule) {
  const Room room = read_room_about(transaction, change, user);
  auto decided = domain::decide_join(room.view, change, user, rule);
  if (!decided) return fail(std::move(decided).error());
  if (decided->event) save_member(transaction, append(transaction, *decided->event), decided->member);
  return Port::Joined{std::move(decided->member), std::move(decided->event)};
}

Result<Port::Left> leave_in(WriteTransaction& transaction, const Port::Change& change, const domain::UserId& user,
                            const Port::Rule& rule) {
  const Room room = read_room_about(transaction, change, user);
  auto decided = domain::decide_leave(room.view, change, user, rule);
  if (!decided) return fail(std::move(decided).error());
  if (*decided) delete_member(transaction, append(transaction, **decided), user);
  return Port::Left{std::move(*decided)};
}

}  // namespace

Async<Result<Port::View>> SqliteConversationRepository::view(domain::CompanyId company,
                                                             domain::ConversationKey conversation,
                                                             domain::UserId user) {
  auto channel = domain::ChannelKey::conversation(std::move(company), conversation);
  auto work = [channel = std::move(channel), user = std::move(user)](Connection& connection) {
    return read_room(connection, channel, user).view;
  };
  co_return co_await runner_.run_readonly<View>(usecase::ReadFrom::master, std::move(work));
}

Async<Result<Port::Configured>> SqliteConversationRepository::configure(Change change, Settings settings,
                                                                        SettingsRule rule) {
  auto work = [change = std::move(change), settings = std::move(settings), rule = std::move(rule)](
                  WriteTransaction& transaction) { return configure_in(transaction, change, settings, rule); };
  co_return co_await runner_.run_change<Configured>(std::move(work));
}

Async<Result<Port::Joined>> SqliteConversationRepository::join(Change change, domain::UserId user, Rule rule) {
  auto work = [change = std::move(change), user = std::move(user), rule = std::move(rule)](
                  WriteTransaction& transaction) { return join_in(transaction, change, user, rule); };
  co_return co_await runner_.run_change<Joined>(std::move(work));
}

Async<Result<Port::Left>> SqliteConversationRepository::leave(Change change, domain::UserId user, Rule rule) {
  auto work = [change = std::move(change), user = std::move(user), rule = std::move(rule)](
                  WriteTransaction& transaction) { return leave_in(transaction, change, user, rule); };
  co_return co_await runner_.run_change<Left>(std::move(work));
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
