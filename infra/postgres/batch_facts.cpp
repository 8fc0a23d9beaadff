#include "infra/postgres/batch_facts.hpp"

#include <stdexcept>

#include "infra/postgres/comment_rows.hpp"
#include "infra/postgres/room_rows.hpp"

// The reading half of group commit: one round trip reads everything that a batch depends on. Each statement takes the
// keys of all actions as arrays (`unnest`), so the number of statements does not grow with the batch.
//
// The row locks on the channels serialise the writers of all nodes, which keeps the seqs of a channel free of holes.
// The transaction is READ COMMITTED, so every statement takes a new snapshot: those after the locks see everything that
// other nodes committed before the locks were granted, and no decision rests on an older state.

namespace danwa::infra::pg {
namespace {

constexpr const char* kLimits =
    "SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)";

// Inserts only missing rows, because each insert that conflicts consumes a number of the sequence. For a channel that
// does not exist yet, the new row is what is locked. BatchRows deletes it in the same transaction if the batch writes
// nothing into the channel.
constexpr const char* kMakeChannels =
    "INSERT INTO channels(company, kind, key) "
    "SELECT w.company, w.kind, w.key FROM unnest($1::text[], $2::smallint[], $3::text[]) AS w(company, kind, key) "
    "WHERE NOT EXISTS (SELECT 1 FROM channels c WHERE c.company = w.company AND c.kind = w.kind AND c.key = w.key) "
    "ORDER BY w.company COLLATE \"C\", w.kind, w.key COLLATE \"C\" ON CONFLICT DO NOTHING";

constexpr const char* kLockChannels =
    "SELECT w.n, c.id, c.head, c.visibility, c.title, c.sole_writer "
    "FROM unnest($1::text[], $2::smallint[], $3::text[]) WITH ORDINALITY AS w(company, kind, key, n) "
    "JOIN channels c ON c.company = w.company AND c.kind = w.kind AND c.key = w.key "
    "ORDER BY c.company, c.kind, c.key FOR UPDATE OF c";

constexpr const char* kOwners =
    "SELECT w.n FROM unnest($1::text[], $2::smallint[], $3::text[]) WITH ORDINALITY AS w(company, kind, key, n) "
    "JOIN channels c ON c.company = w.company AND c.kind = w.kind AND c.key = w.key "
    "WHERE EXISTS (SELECT 1 FROM members m WHERE m.channel_id = c.id AND m.role = 1)";

constexpr const char* kMembers =
    "SELECT m.user_id, m.role, m.joined_ms, m.seq, w.n FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[]) "
    "WITH ORDINALITY AS w(company, kind, key, user_id, n) "
    "JOIN channels c ON c.company = w.company AND c.kind = w.kind AND c.key = w.key "
    "JOIN members m ON m.channel_id = c.id AND m.user_id = w.user_id";

constexpr const char* kOtherMembers =
    "SELECT w.n FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[]) "
    "WITH ORDINALITY AS w(company, kind, key, user_id, n) "
    "JOIN channels c ON c.company = w.company AND c.kind = w.kind AND c.key = w.key "
    "WHERE EXISTS (SELECT 1 FROM members m WHERE m.channel_id = c.id AND m.user_id <> w.user_id)";

// Type 0 is an added comment, type 5 a member who has left. `g.author <> u.author` means that another user removed
// them.
constexpr const char* kOutsiders =
    "SELECT DISTINCT w.n, u.author "
    "FROM unnest($1::text[], $2::smallint[], $3::text[]) WITH ORDINALITY AS w(company, kind, key, n) "
    "JOIN channels c ON c.company = w.company AND c.kind = w.kind AND c.key = w.key "
    "JOIN updates u ON u.channel_id = c.id AND u.type = 0 AND u.seq >= c.first_seq AND u.seq > c.head - $4::bigint "
    "WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.channel_id = c.id AND m.user_id = u.author) "
    "AND NOT EXISTS (SELECT 1 FROM updates g WHERE g.channel_id = c.id AND g.type = 5 AND g.seq >= c.first_seq "
    "AND g.seq > c.head - $4::bigint AND g.about = u.author AND g.author <> u.author) "
    "ORDER BY w.n, u.author";

constexpr const char* kComments =
    "SELECT c.key, o.id, o.author, o.content, o.client_ref, o.seq, o.version, o.created_ms, o.updated_ms, o.company "
    "FROM comments o JOIN channels c ON c.id = o.channel_id WHERE o.id = ANY($1::uuid[]) AND NOT o.removed";

constexpr const char* kEarlierComments =
    "SELECT c.key, o.id, o.author, o.content, o.client_ref, o.seq, o.version, o.created_ms, o.updated_ms, w.n, "
    "o.request_hash, o.removed "
    "FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(company, sender, key, n) "
    "JOIN comments o ON o.company = w.company AND o.author = w.sender AND o.idempotency_key = w.key "
    "JOIN channels c ON c.id = o.channel_id";

constexpr const char* kEarlierNotifications =
    "SELECT w.n, r.request_hash, r.notification_id, c.kind, c.key, u.author, u.content, r.seq, u.occurred_ms "
    "FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(company, sender, key, n) "
    "JOIN notification_requests r ON r.company = w.company AND r.sender = w.sender AND r.idempotency_key = w.key "
    "JOIN channels c ON c.id = r.channel_id "
    "JOIN updates u ON u.channel_id = r.channel_id AND u.seq = r.seq AND u.type = 7";

/// Access to the nth value of a map, counted from 1 as `WITH ORDINALITY` counts.
template <class Map>
class Nth {
 public:
  explicit Nth(Map& map) {
    for (auto& entry : map) entries_.push_back(&entry);
  }
  auto& operator[](std::uint64_t n) const { return *entries_.at(n - 1); }

 private:
  std::vector<typename Map::value_type*> entries_;
};

template <class Map>
Values channel_values(const Map& channels) {
  Array companies;
  Array kinds;
  Array keys;
  for (const auto& [channel, ignored] : channels) {
    companies.add(channel.company.value());
    kinds.add(static_cast<int>(channel.kind));
    keys.add(channel.key);
  }
  return Values{}.add(companies).add(kinds).add(keys);
}

template <class Map>
Values member_values(const Map& members) {
  Array companies;
  Array kinds;
  Array keys;
  Array users;
  for (const auto& [place, ignored] : members) {
    companies.add(place.first.company.value());
    kinds.add(static_cast<int>(place.first.kind));
    keys.add(place.first.key);
    users.add(place.second.value());
  }
  return Values{}.add(companies).add(kinds).add(keys).add(users);
}

template <class Map>
Values request_values(const Map& requests) {
  Array companies;
  Array senders;
  Array keys;
  for (const auto& [request, ignored] : requests) {
    companies.add(request.company.value());
    senders.add(request.sender.value());
    keys.add(request.key);
  }
  return Values{}.add(companies).add(senders).add(keys);
}

template <class Map>
Values id_values(const Map& comments) {
  Array ids;
  for (const auto& [id, ignored] : comments) ids.add(id.value);
  return Values{}.add(ids);
}

}  // namespace

Script BatchFacts::script(std::chrono::milliseconds lock_wait, std::chrono::milliseconds limit) const {
  Script script;
  script.add("BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE");
  script.add(kLimits, Values{}.add(std::to_string(lock_wait.count())).add(std::to_string(limit.count())));
  script.add("SELECT coalesce(max(version), 0) FROM schema_migrations");  // keeps migrations out until the end
  script.add(kMakeChannels, channel_values(channels_));
  script.add(kLockChannels, channel_values(channels_));
  script.add("SELECT value FROM meta WHERE name = 'epoch'");
  if (!owners_.empty()) script.add(kOwners, channel_values(owners_));
  if (!members_.empty()) script.add(kMembers, member_values(members_));
  if (!other_members_.empty()) script.add(kOtherMembers, member_values(other_members_));
  if (!outsiders_.empty()) script.add(kOutsiders, channel_values(outsiders_).add(domain::kKeptAuthorsWithin));
  if (!comments_.empty()) script.add(kComments, id_values(comments_));
  if (!earlier_comments_.empty()) script.add(kEarlierComments, request_values(earlier_comments_));
  if (!earlier_notifications_.empty()) script.add(kEarlierNotifications, request_values(earlier_notifications_));
  return script;
}

void BatchFacts::load(const std::vector<Rows>& answers) {
  schema_ = static_cast<int>(answers.at(2).first().integer(0));
  std::size_t next = 4;
  load_channels(answers.at(next++));
  epoch_ = answers.at(next++).first().text(0);
  if (!owners_.empty()) load_owners(answers.at(next++));
  if (!members_.empty()) load_members(answers.at(next++));
  if (!other_members_.empty()) load_other_members(answers.at(next++));
  if (!outsiders_.empty()) load_outsiders(answers.at(next++));
  if (!comments_.empty()) load_comments(answers.at(next++));
  if (!earlier_comments_.empty()) load_earlier_comments(answers.at(next++));
  if (!earlier_notifications_.empty()) load_earlier_notifications(answers.at(next++));
}

void BatchFacts::load_channels(const Rows& rows) {
  if (rows.size() != channels_.size()) throw std::runtime_error{"a channel has no row"};
  const Nth channels{channels_};
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const Row row = rows[n];
    channels[row.number(0)].second = Channel{.id = row.integer(1),
                                             .head = row.number(2),
                                             .visibility = read_visibility(row, 3),
                                             .title = read_title(row, 4),
                                             .writers = domain::Writers::of(row.optional_text(5))};
  }
}

void BatchFacts::load_owners(const Rows& rows) {
  const Nth owners{owners_};
  for (std::size_t n = 0; n < rows.size(); ++n) channels_.at(owners[rows[n].number(0)].first).has_owner = true;
}

void BatchFacts::load_members(const Rows& rows) {
  const Nth members{members_};
  for (std::size_t n = 0; n < rows.size(); ++n) members[rows[n].number(4)].second = read_member(rows[n]);
}

void BatchFacts::load_other_members(const Rows& rows) {
  const Nth asked{other_members_};
  for (std::size_t n = 0; n < rows.size(); ++n) asked[rows[n].number(0)].second = true;
}

void BatchFacts::load_outsiders(const Rows& rows) {
  const Nth asked{outsiders_};
  for (std::size_t n = 0; n < rows.size(); ++n) {
    asked[rows[n].number(0)].second.push_back(domain::UserId::trusted(rows[n].text(1)));
  }
}

void BatchFacts::load_comments(const Rows& rows) {
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const Row row = rows[n];
    comments_.at(domain::CommentId{row.uuid(1)}) = read_comment(row, domain::CompanyId::trusted(row.text(9)));
  }
}

void BatchFacts::load_earlier_comments(const Rows& rows) {
  const Nth requests{earlier_comments_};
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const Row row = rows[n];
    auto& [request, earlier] = requests[row.number(9)];
    earlier = EarlierComment{row.text(10), std::nullopt};
    if (!row.truth(11)) earlier->comment = read_comment(row, request.company);
  }
}

void BatchFacts::load_earlier_notifications(const Rows& rows) {
  const Nth requests{earlier_notifications_};
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const Row row = rows[n];
    auto& [request, earlier] = requests[row.number(0)];
    domain::Notification made{
        .id = domain::NotificationId{row.uuid(2)},
        .to = domain::ChannelKey{request.company, static_cast<domain::ChannelKind>(row.integer(3)), row.text(4)},
        .sender = domain::UserId::trusted(row.text(5)),
        .text = domain::NotificationText::trusted(row.text(6)),
        .seq = row.number(7),
        .created_at = row.time(8)};
    earlier = EarlierNotification{row.text(1), std::move(made)};
  }
}

}  // namespace danwa::infra::pg
