#pragma once

#include <optional>
#include <utility>

#include "domain/comment/comment.hpp"
#include "domain/conversation/conversation.hpp"
#include "usecase/ports/update_log.hpp"

// How rows become what they stand for, the same for every database. `Row` gives a column as `integer`, `number`,
// `text`, `optional_text`, `truth`, `uuid` or `time`, and throws the database's own error for a value that is none.
namespace danwa::adapters {

template <class Row>
std::optional<domain::ConversationTitle> read_title(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return domain::ConversationTitle::trusted(row.text(column));
}

/// Anything that is not known to be open is private.
template <class Row>
domain::Visibility read_visibility(const Row& row, int column) {
  constexpr auto kOpen = static_cast<std::int64_t>(domain::Visibility::open);
  return row.integer(column) == kOpen ? domain::Visibility::open : domain::Visibility::restricted;
}

/// Anybody who is not known to be an owner is a member.
template <class Row>
domain::MemberRole read_role(const Row& row, int column) {
  constexpr auto kOwner = static_cast<std::int64_t>(domain::MemberRole::owner);
  return row.integer(column) == kOwner ? domain::MemberRole::owner : domain::MemberRole::member;
}

/// The columns user, role, joined_ms, seq.
template <class Row>
domain::Member read_member(const Row& row) {
  return domain::Member{domain::UserId::trusted(row.text(0)), read_role(row, 1), row.time(2), row.number(3)};
}

/// The columns of a comment: key, id, author, content, client_ref, seq, version, created_ms, updated_ms.
template <class Row>
domain::Comment read_comment(const Row& row, const domain::CompanyId& company) {
  return domain::Comment{.id = domain::CommentId{row.uuid(1)},
                         .company = company,
                         .conversation = domain::ConversationKey::trusted(row.text(0)),
                         .author = domain::UserId::trusted(row.text(2)),
                         .content = domain::CommentContent::trusted(row.text(3)),
                         .client_ref = row.optional_text(4),
                         .seq = row.number(5),
                         .version = row.number(6),
                         .created_at = row.time(7),
                         .updated_at = row.time(8)};
}

/// The columns key, head, last_activity_ms, title, visibility, whether the viewer is a member, place.
template <class Row>
usecase::UpdateLog::ConversationSummary read_summary(const Row& row) {
  return {.key = domain::ConversationKey::trusted(row.text(0)),
          .head = row.number(1),
          .last_activity = row.time(2),
          .title = read_title(row, 3),
          .visibility = read_visibility(row, 4),
          .member = row.truth(5),
          .place = row.number(6)};
}

}  // namespace danwa::adapters
