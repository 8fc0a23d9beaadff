#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "domain/comment/comment.hpp"
#include "domain/conversation/decisions.hpp"
#include "domain/core/uuid.hpp"
#include "domain/notification/notification.hpp"
#include "domain/update/update.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::adapters {

template <std::size_t kSize>
struct SqlText {
  constexpr SqlText(const char (&text)[kSize]) {  // NOLINT(google-explicit-constructor): a literal
    std::copy_n(text, kSize, value.begin());
  }
  std::array<char, kSize> value{};
};

template <SqlText kText, auto... kValues>
struct Sql {
  static_assert(((static_cast<int>(kValues) >= 0 && static_cast<int>(kValues) <= 9) && ...), "one digit each");
  static_assert(std::count(kText.value.begin(), kText.value.end(), '#') == sizeof...(kValues), "a value for each #");

  static constexpr auto fill() {
    auto text = kText.value;
    [[maybe_unused]] auto next = text.begin();  // there may be no `#`
    ((*(next = std::find(next, text.end(), '#')) = static_cast<char>('0' + static_cast<int>(kValues))), ...);
    return text;
  }
  static constexpr auto kFilled = fill();
};

/// A statement with the values of enums in it: each `#` is replaced by the next of `kValues`. Lives as long as the
/// program, at one address.
///
///     kSql<"SELECT head FROM channels WHERE kind = #", ChannelKind::conversation>
template <SqlText kText, auto... kValues>
inline constexpr const char* kSql = Sql<kText, kValues...>::kFilled.data();

// From rows to values of the domain, the same for every database. `Row` returns a column as `integer`, `number`,
// `text`, `optional_text`, `truth`, `uuid` or `time`, and throws the database's own error for a wrong value.

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

/// The columns company, kind, key.
template <class Row>
domain::ChannelKey read_channel_key(const Row& row, int first = 0) {
  return {domain::CompanyId::trusted(row.text(first)), static_cast<domain::ChannelKind>(row.integer(first + 1)),
          row.text(first + 2)};
}

/// The columns head, title, visibility, role of the viewer (NULL: no member), whether there is an owner.
template <class Row>
domain::ConversationView read_view(const Row& row, const domain::ChannelKey& channel) {
  domain::ConversationView view{
      {channel.company, domain::ConversationKey::trusted(channel.key), read_title(row, 1), read_visibility(row, 2)},
      {}};
  if (!row.is_null(3)) view.membership.role = read_role(row, 3);
  view.membership.has_owner = row.truth(4);
  view.head = row.number(0);
  view.exists = true;
  return view;
}

/// A conversation that has no row.
inline domain::ConversationView no_view(const domain::ChannelKey& channel) {
  return {{channel.company, domain::ConversationKey::trusted(channel.key), {}, {}}, {}};
}

/// The columns request_hash, id, kind of the inbox, its key, sender, text, seq, created_ms.
template <class Row>
domain::EarlierNotification read_earlier_notification(const Row& row, const domain::CompanyId& company) {
  return {row.text(0),
          {.id = domain::NotificationId{row.uuid(1)},
           .to = {company, static_cast<domain::ChannelKind>(row.integer(2)), row.text(3)},
           .sender = domain::UserId::trusted(row.text(4)),
           .text = domain::NotificationText::trusted(row.text(5)),
           .seq = row.number(6),
           .created_at = row.time(7)}};
}

/// The type of an update row. It is a part of the format of every database, and `danwad copy` takes it from one to
/// another. When a comment is removed, its `added` row becomes `added_and_removed`, so that a page of comments is read
/// without the removed ones.
///
/// | type | subject_id | author | about | content |
/// |---|---|---|---|---|
/// | 0, 3 | the comment | its author | | its text; blank after removal or redaction, and so is client_ref |
/// | 1 | the comment | its author | kRedacts if the earlier texts are gone | its text, blank as above |
/// | 2 | the comment | its author | the person who removed it, unless it is the author | |
/// | 4, 5 | the event | the acting person | the member | |
/// | 6 | the event | the acting person | the visibility | the title |
/// | 7 | the notification | its sender | | its text |
enum class UpdateType : std::int64_t {
  added = 0,
  updated = 1,
  deleted = 2,
  added_and_removed = 3,
  member_joined = 4,
  member_left = 5,
  conversation_updated = 6,
  notification = 7
};

inline const std::string kRedacts = "redacts";

/// An update row to be written. Its pointers and references point into the event that it was made of.
struct NewUpdate {
  domain::ChannelKey channel;
  domain::Seq seq;
  UpdateType type;
  domain::Timestamp at;
  const domain::Uuid& subject;
  const domain::UserId& author;
  const std::string* about = nullptr;
  const std::string* client_ref = nullptr;
  const std::string* content = nullptr;

  /// The author of a new comment, who counts as a writer of the conversation from now on; null: no new comment.
  const domain::UserId* writer() const { return type == UpdateType::added ? &author : nullptr; }
};

NewUpdate row_of(const domain::Comment& added);
NewUpdate row_of(const domain::CommentModified& modified);
NewUpdate row_of(const domain::CommentRemoved& removed);
NewUpdate row_of(const domain::MemberJoined& joined);
NewUpdate row_of(const domain::MemberLeft& left);
NewUpdate row_of(const domain::ConversationChanged& changed);
NewUpdate row_of(const domain::Notification& sent);

/// The columns of an update row, in this order: seq, type, occurred_ms, subject_id, author, about, client_ref, content.
/// Throws std::runtime_error if the type or the visibility is unknown.
template <class Row>
domain::UpdateBody read_update_body(const Row& row) {
  const auto content = [&row]() -> std::optional<domain::CommentContent> {
    auto text = row.optional_text(7);
    return text ? std::optional{domain::CommentContent::trusted(std::move(*text))} : std::nullopt;
  };
  const auto title = [&row]() -> std::optional<domain::ConversationTitle> {
    auto text = row.optional_text(7);
    return text ? std::optional{domain::ConversationTitle::trusted(std::move(*text))} : std::nullopt;
  };
  const domain::Uuid subject = row.uuid(3);
  auto author = domain::UserId::trusted(row.text(4));
  switch (static_cast<UpdateType>(row.integer(1))) {
    case UpdateType::added:
    case UpdateType::added_and_removed:
      return domain::CommentAdded{domain::CommentId{subject}, std::move(author), content(), row.optional_text(6)};
    case UpdateType::updated:
      return domain::CommentUpdated{domain::CommentId{subject}, std::move(author), content(),
                                    row.optional_text(5) == kRedacts};
    case UpdateType::deleted: {
      auto by = row.optional_text(5);
      auto remover = by ? domain::UserId::trusted(std::move(*by)) : author;
      return domain::CommentDeleted{domain::CommentId{subject}, std::move(author), std::move(remover)};
    }
    case UpdateType::member_joined:
      return domain::MemberAdded{subject, domain::UserId::trusted(row.text(5)), std::move(author)};
    case UpdateType::member_left:
      return domain::MemberRemoved{subject, domain::UserId::trusted(row.text(5)), std::move(author)};
    case UpdateType::conversation_updated: {
      const auto visibility = domain::parse_visibility(row.text(5));
      if (!visibility) throw std::runtime_error{"an update in the database has an unknown visibility"};
      return domain::ConversationUpdated{subject, title(), *visibility, std::move(author)};
    }
    case UpdateType::notification:
      return domain::NotificationAdded{domain::NotificationId{subject}, std::move(author),
                                       domain::NotificationText::trusted(row.text(7))};
  }
  throw std::runtime_error{"an update in the database is of an unknown type"};
}

/// A table that every database of danwa has. `columns`: in the order of the fields of a row. `{user}` stands for the
/// column of a member's id, whose name differs between the databases.
struct CopiedTable {
  std::string_view name;
  std::string_view columns;
};

/// In an order in which they can be copied.
inline constexpr std::array<CopiedTable, 5> kCopiedTables{{
    {"channels", "id, head, last_activity_ms, place, place_block, kind, visibility, company, key, title, sole_writer"},
    {"comments",
     "id, channel_id, seq, version, created_ms, updated_ms, removed, company, author, client_ref, idempotency_key, "
     "request_hash, content"},
    {"members", "channel_id, {user}, role, joined_ms, seq"},
    {"notification_requests", "company, sender, idempotency_key, request_hash, notification_id, channel_id, seq"},
    {"updates", "channel_id, seq, type, occurred_ms, subject_id, author, about, client_ref, content"},
}};

/// The columns of `table` in a database where the column of a member's id is called `user`.
inline std::string columns_of(const CopiedTable& table, std::string_view user) {
  constexpr std::string_view kUser = "{user}";
  std::string columns{table.columns};
  if (const auto at = columns.find(kUser); at != std::string::npos) columns.replace(at, kUser.size(), user);
  return columns;
}

/// One field on its way from one database to another; the first alternative is NULL.
using CopiedField = std::variant<std::monostate, std::int64_t, std::string, domain::Uuid>;
using CopiedRow = std::vector<CopiedField>;

/// Whether a database takes writes, judged by the attempts. One failure means little: a lock may be held, or the
/// primary may change. Failures for 2 s without a success between them make it unhealthy. Thread safe.
class WriteHealth {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kPatience{2};

  void worked() { failing_since_.store(0, std::memory_order_relaxed); }

  void failed(Clock::time_point now = Clock::now()) {
    Clock::rep none = 0;
    failing_since_.compare_exchange_strong(none, now.time_since_epoch().count(), std::memory_order_relaxed);
  }

  /// Whether the last attempt failed.
  bool failing() const { return failing_since_.load(std::memory_order_relaxed) != 0; }

  bool healthy(Clock::time_point now = Clock::now()) const {
    const auto since = failing_since_.load(std::memory_order_relaxed);
    return since == 0 || now.time_since_epoch() - Clock::duration{since} < kPatience;
  }

 private:
  std::atomic<Clock::rep> failing_since_{0};  // the first failure after the last success; 0: none
};

}  // namespace danwa::adapters
