#include "infra/postgres/batch_snapshot.hpp"

#include <stdexcept>
#include <tuple>

// The reading half of group commit: one round trip reads everything that a batch depends on. Each statement takes the
// keys of all actions as arrays (`unnest`), so the number of statements does not grow with the batch.
//
// The row locks on the channels serialise the writers of all nodes, which keeps the seqs of a channel free of holes.
// The transaction is READ COMMITTED, so every statement takes a new snapshot: those after the locks see everything that
// other nodes committed before the locks were granted, and no decision rests on an older state.

namespace danwa::postgres {
namespace {

using adapters::kSql;
using adapters::UpdateType;
using domain::MemberRole;

constexpr const char* kLimits =
    "SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)";

// Inserts only missing rows, because each insert that conflicts consumes a number of the sequence. For a channel that
// does not exist yet, the new row is the lock. BatchRows deletes it in the same transaction if the batch writes
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

constexpr const char* kMembers =
    "SELECT m.user_id, m.role, m.joined_ms, m.seq, w.n FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[]) "
    "WITH ORDINALITY AS w(company, kind, key, user_id, n) "
    "JOIN channels c ON c.company = w.company AND c.kind = w.kind AND c.key = w.key "
    "JOIN members m ON m.channel_id = c.id AND m.user_id = w.user_id";

constexpr const char* kViews = kSql<
    "SELECT w.n, EXISTS (SELECT 1 FROM members m WHERE m.channel_id = c.id AND m.role = #), "
    "EXISTS (SELECT 1 FROM members m WHERE m.channel_id = c.id AND m.user_id <> w.user_id) "
    "FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[]) "
    "WITH ORDINALITY AS w(company, kind, key, user_id, n) "
    "JOIN channels c ON c.company = w.company AND c.kind = w.kind AND c.key = w.key",
    MemberRole::owner>;

constexpr const char* kOutsiders = kSql<
    "SELECT DISTINCT w.n, u.author "
    "FROM unnest($1::text[], $2::smallint[], $3::text[]) WITH ORDINALITY AS w(company, kind, key, n) "
    "JOIN channels c ON c.company = w.company AND c.kind = w.kind AND c.key = w.key "
    "JOIN updates u ON u.channel_id = c.id AND u.type = # AND u.seq >= c.first_seq AND u.seq > c.head - $4::bigint "
    "WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.channel_id = c.id AND m.user_id = u.author) "
    "AND NOT EXISTS (SELECT 1 FROM updates g WHERE g.channel_id = c.id AND g.type = # AND g.seq >= c.first_seq "
    "AND g.seq > c.head - $4::bigint AND g.about = u.author AND g.author <> u.author) "
    "ORDER BY w.n, u.author",
    UpdateType::added, UpdateType::member_left>;

constexpr const char* kComments =
    "SELECT c.key, o.id, o.author, o.content, o.client_ref, o.seq, o.version, o.created_ms, o.updated_ms, o.company "
    "FROM comments o JOIN channels c ON c.id = o.channel_id WHERE o.id = ANY($1::uuid[]) AND NOT o.removed";

constexpr const char* kEarlierComments =
    "SELECT c.key, o.id, o.author, o.content, o.client_ref, o.seq, o.version, o.created_ms, o.updated_ms, w.n, "
    "o.request_hash, o.removed "
    "FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(company, sender, key, n) "
    "JOIN comments o ON o.company = w.company AND o.author = w.sender AND o.idempotency_key = w.key "
    "JOIN channels c ON c.id = o.channel_id";

constexpr const char* kEarlierNotifications = kSql<
    "SELECT r.request_hash, r.notification_id, c.kind, c.key, u.author, u.content, r.seq, u.occurred_ms, w.n "
    "FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(company, sender, key, n) "
    "JOIN notification_requests r ON r.company = w.company AND r.sender = w.sender AND r.idempotency_key = w.key "
    "JOIN channels c ON c.id = r.channel_id "
    "JOIN updates u ON u.channel_id = r.channel_id AND u.seq = r.seq AND u.type = #",
    UpdateType::notification>;

// The key of a fact, as the values of its statement's columns.
auto columns(const domain::ChannelKey& channel) {
  return std::tuple{channel.company.value(), static_cast<int>(channel.kind), channel.key};
}
auto columns(const BatchSnapshot::InChannel& place) {
  return std::tuple_cat(columns(place.first), std::tuple{place.second.value()});
}
auto columns(const storage::Request& request) {
  return std::tuple{request.company.value(), request.sender.value(), request.key};
}
auto columns(const domain::CommentId& id) { return std::tuple{id.value}; }

template <class Facts>
Values values_of(const Facts& facts) {
  Columns<std::tuple_size_v<decltype(columns(facts.begin()->first))>> all;
  for (const auto& [name, ignored] : facts) {
    std::apply([&all](const auto&... column) { all.add(column...); }, columns(name));
  }
  return all.values();
}

/// Calls `fill` with every row and its fact. The number of the fact, from 1 as `WITH ORDINALITY` counts, is in
/// `column`.
template <class Facts, class Fill>
void load_each(Facts& facts, const Rows& rows, int column, Fill fill) {
  std::vector<typename Facts::value_type*> entries;
  for (auto& entry : facts) entries.push_back(&entry);
  for (std::size_t n = 0; n < rows.size(); ++n) fill(*entries.at(rows[n].number(column) - 1), rows[n]);
}

}  // namespace

Script BatchSnapshot::script(std::chrono::milliseconds lock_wait, std::chrono::milliseconds limit) const {
  Script script;
  script.add("BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE");
  script.add(kLimits, Values{}.add(std::to_string(lock_wait.count())).add(std::to_string(limit.count())));
  // Keeps every other node from migrating until this transaction ends.
  script.add("SELECT coalesce(max(version), 0) FROM schema_migrations");
  script.add(kMakeChannels, values_of(channels_));
  script.add(kLockChannels, values_of(channels_));
  script.add("SELECT value FROM meta WHERE name = 'epoch'");
  if (!views_.empty()) script.add(kViews, values_of(views_));
  if (!members_.empty()) script.add(kMembers, values_of(members_));
  if (!outsiders_.empty()) script.add(kOutsiders, values_of(outsiders_).add(domain::kKeptAuthorsWithin));
  if (!comments_.empty()) script.add(kComments, values_of(comments_));
  if (!earlier_comments_.empty()) script.add(kEarlierComments, values_of(earlier_comments_));
  if (!earlier_notifications_.empty()) script.add(kEarlierNotifications, values_of(earlier_notifications_));
  return script;
}

void BatchSnapshot::load(const std::vector<Rows>& answers) {
  schema_ = static_cast<int>(answers.at(2).first().integer(0));
  load_channels(answers.at(4));
  epoch_ = answers.at(5).first().text(0);
  std::size_t next = 6;
  const auto load = [&](auto& facts, int column, auto fill) {
    if (!facts.empty()) load_each(facts, answers.at(next++), column, fill);
  };
  load(views_, 0, [](auto& view, const Row& row) { view.second = Members{row.truth(1), row.truth(2)}; });
  load(members_, 4, [](auto& member, const Row& row) { member.second = adapters::read_member(row); });
  load(outsiders_, 0,
       [](auto& outside, const Row& row) { outside.second.push_back(domain::UserId::trusted(row.text(1))); });
  if (!comments_.empty()) load_comments(answers.at(next++));
  load(earlier_comments_, 9, [](auto& earlier, const Row& row) {
    earlier.second = domain::EarlierComment{row.text(10), std::nullopt};
    if (!row.truth(11)) earlier.second->comment = adapters::read_comment(row, earlier.first.company);
  });
  load(earlier_notifications_, 8, [](auto& earlier, const Row& row) {
    earlier.second = adapters::read_earlier_notification(row, earlier.first.company);
  });
}

void BatchSnapshot::load_channels(const Rows& rows) {
  if (rows.size() != channels_.size()) throw std::runtime_error{"a channel has no row"};
  load_each(channels_, rows, 0, [](auto& channel, const Row& row) {
    channel.second = Channel{.id = row.integer(1),
                             .head = row.number(2),
                             .visibility = adapters::read_visibility(row, 3),
                             .title = adapters::read_title(row, 4),
                             .writers = domain::Writers::of(row.optional_text(5))};
  });
}

void BatchSnapshot::load_comments(const Rows& rows) {
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const Row row = rows[n];
    comments_.at(domain::CommentId{row.uuid(1)}) = adapters::read_comment(row, domain::CompanyId::trusted(row.text(9)));
  }
}

domain::Result<void> BatchSnapshot::enter(const domain::ChannelKey& channel, const domain::UserId& user) const {
  const auto& found = member(channel, user);
  return domain::enter(channels_.at(channel).visibility, found ? std::optional{found->role} : std::nullopt);
}

domain::ConversationView BatchSnapshot::view(const domain::ChannelKey& key, const domain::UserId& user) const {
  const Channel& channel = channels_.at(key);
  domain::ConversationView view{
      {key.company, domain::ConversationKey::trusted(key.key), channel.title, channel.visibility}, {}};
  if (const auto& found = member(key, user)) view.membership.role = found->role;
  view.membership.has_owner = views_.at({key, user}).owner;
  view.head = channel.head;
  view.exists = channel.head > 0;
  view.epoch = epoch_;
  return view;
}

}  // namespace danwa::postgres
