#include "infra/postgres/room_rows.hpp"

namespace danwa::infra::pg {

std::optional<domain::ConversationTitle> read_title(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return domain::ConversationTitle::trusted(row.text(column));
}

domain::Visibility read_visibility(const Row& row, int column) {
  return row.integer(column) == 0 ? domain::Visibility::open : domain::Visibility::restricted;
}

domain::MemberRole read_role(const Row& row, int column) {
  return row.integer(column) == static_cast<std::int64_t>(domain::MemberRole::owner) ? domain::MemberRole::owner
                                                                                     : domain::MemberRole::member;
}

domain::Member read_member(const Row& row) {
  return domain::Member{domain::UserId::trusted(row.text(0)), read_role(row, 1), row.time(2), row.number(3)};
}

usecase::ConversationRepository::View read_view(const Snapshot& found, std::size_t n,
                                                const domain::ChannelKey& channel) {
  usecase::ConversationRepository::View view{{channel.company, domain::ConversationKey::trusted(channel.key), {}, {}},
                                             {}};
  view.epoch = found.epoch();
  if (found.rows(n).empty()) return view;
  const Row row = found.rows(n)[0];
  view.head = row.number(0);
  view.conversation.title = read_title(row, 1);
  view.conversation.visibility = read_visibility(row, 2);
  if (!row.is_null(3)) view.standing.role = read_role(row, 3);
  view.standing.has_owner = row.truth(4);
  view.exists = true;
  return view;
}

}  // namespace danwa::infra::pg
