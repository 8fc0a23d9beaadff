#include <algorithm>
#include <stdexcept>
#include <vector>

#include "adapters/persistence/rows.hpp"
#include "infra/postgres/batch_snapshot.hpp"
#include "infra/postgres/log_tail.hpp"

// The writing half of group commit. The rows of all actions are collected column by column and sent as arrays, so a
// batch of any size costs the same few statements and one round trip, commit included. Seqs are assigned in memory,
// from the heads that BatchSnapshot read under the channels' locks. An action that ends in an error adds no rows, so no
// savepoint is needed to undo it.

namespace danwa::postgres {
namespace {

using adapters::kSql;
using adapters::UpdateType;

constexpr const char* kInsertComments =
    "INSERT INTO comments(id, channel_id, seq, version, created_ms, updated_ms, company, author, client_ref, "
    "idempotency_key, request_hash, content) "
    "SELECT id, channel_id, seq, version, created_ms, updated_ms, company, author, substr(nullif(client_ref, ''), 2), "
    "substr(nullif(idempotency_key, ''), 2), substr(nullif(request_hash, ''), 2), content "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], "
    "$7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[]) AS w(id, channel_id, seq, version, "
    "created_ms, updated_ms, company, author, client_ref, idempotency_key, request_hash, content)";

constexpr const char* kReplaceComments =
    "UPDATE comments o SET version = w.version, updated_ms = w.updated_ms, content = w.content "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[]) AS w(id, version, updated_ms, content) "
    "WHERE o.id = w.id";

// Removed means gone: a removal and a redaction blank the author's data in the row of the comment, and the text in all
// earlier updates. The seqs stay, so the log has no holes. `type` is that of the comment's first update from now on; it
// shows whether the comment itself is removed. Each statement takes the same rows.
constexpr const char* kBlankComments = kSql<
    "UPDATE comments o SET removed = w.type = #, content = CASE WHEN w.type = # THEN NULL ELSE o.content END, "
    "client_ref = NULL, request_hash = NULL, updated_ms = w.updated_ms "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[]) "
    "AS w(id, updated_ms, channel_id, seq, type) WHERE o.id = w.id",
    UpdateType::added_and_removed, UpdateType::added_and_removed>;

constexpr const char* kBlankAdded =
    "UPDATE updates u SET content = NULL, client_ref = NULL, type = w.type "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[]) "
    "AS w(id, updated_ms, channel_id, seq, type) WHERE u.channel_id = w.channel_id AND u.seq = w.seq";

constexpr const char* kBlankEdits = kSql<
    "UPDATE updates u SET content = NULL "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[]) "
    "AS w(id, updated_ms, channel_id, seq, type) WHERE u.subject_id = w.id AND u.type = #",
    UpdateType::updated>;

constexpr const char* kInsertUpdates =
    "INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author, about, client_ref, content) "
    "SELECT channel_id, seq, type, occurred_ms, subject_id, author, substr(nullif(about, ''), 2), "
    "substr(nullif(client_ref, ''), 2), substr(nullif(content, ''), 2) "
    "FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::uuid[], $6::text[], "
    "$7::text[], $8::text[], $9::text[]) "
    "AS w(channel_id, seq, type, occurred_ms, subject_id, author, about, client_ref, content)";

constexpr const char* kSaveMembers =
    "INSERT INTO members(channel_id, user_id, role, joined_ms, seq) "
    "SELECT * FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::bigint[], $5::bigint[]) "
    "ON CONFLICT (channel_id, user_id) DO UPDATE "
    "SET role = excluded.role, joined_ms = excluded.joined_ms, seq = excluded.seq";

constexpr const char* kDeleteMembers =
    "DELETE FROM members m USING unnest($1::bigint[], $2::text[]) AS w(channel_id, user_id) "
    "WHERE m.channel_id = w.channel_id AND m.user_id = w.user_id";

constexpr const char* kInsertRequests =
    "INSERT INTO notification_requests(company, sender, idempotency_key, request_hash, notification_id, channel_id, "
    "seq) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::bigint[], $7::bigint[])";

// Assigns one place per channel, in the order of the rows.
constexpr const char* kGrowChannels =
    "WITH w AS MATERIALIZED (SELECT grown.*, nextval('channel_places') AS place "
    "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[]) "
    "AS grown(id, head, at, visibility, title, sole_writer)) "
    "UPDATE channels c SET head = w.head, last_activity_ms = greatest(c.last_activity_ms, w.at), place = w.place, "
    "place_block = w.place >> 10, visibility = w.visibility, title = substr(nullif(w.title, ''), 2), "
    "sole_writer = substr(nullif(w.sole_writer, ''), 2) "
    "FROM w WHERE c.id = w.id";

// Channels that were created as locks for this batch and got no update.
constexpr const char* kForgetChannels = "DELETE FROM channels WHERE id = ANY($1::bigint[]) AND head = 0";

// A commit may wait for a synchronous standby. If a timeout interrupted that wait, the server would report the commit
// as done although the standby does not have it.
constexpr const char* kCommitPatiently = "SELECT set_config('statement_timeout', '0', true)";

}  // namespace

domain::Seq BatchRows::head(const domain::ChannelKey& channel) const {
  const auto grown = grown_.find(channel);
  return grown == grown_.end() ? facts_.channel(channel).head : grown->second.channel.head;
}

std::int64_t BatchRows::append_update(const adapters::NewUpdate& update) {
  if (head(update.channel) + 1 != update.seq) {
    throw std::logic_error{"an update was decided for another seq than the next"};
  }
  Grown& grown = grown_.try_emplace(update.channel, Grown{facts_.channel(update.channel)}).first->second;
  const std::int64_t channel = grown.channel.id;
  grown.channel.head = update.seq;
  grown.at = std::max(grown.at, update.at);
  grown.newest = updates_count_;
  if (const auto* writer = update.writer()) grown.channel.writers.add(*writer);
  updates_.add(channel, update.seq, static_cast<int>(update.type), update.at, update.subject, update.author.value(),
               update.about, update.client_ref, update.content);
  marker_ = CommitMarker{channel, update.seq, update.subject};
  ++updates_count_;
  return channel;
}

void BatchRows::insert_comment(const domain::Comment& comment, const std::optional<domain::IdempotencyKey>& key) {
  comments_.add(comment.id.value, append(comment), comment.seq, comment.version, comment.created_at, comment.updated_at,
                comment.company.value(), comment.author.value(), comment.client_ref, key ? &key->key : nullptr,
                key ? &key->request_hash : nullptr, comment.content.value());
}

void BatchRows::replace_comment(const domain::CommentModified& modified) {
  const domain::Comment& comment = modified.comment;
  const auto channel = append(modified);
  edits_.add(comment.id.value, comment.version, comment.updated_at, comment.content.value());
  if (modified.redacts) blank(comment.id, comment.updated_at, channel, comment.seq, UpdateType::added);
}

void BatchRows::remove_comment(const domain::CommentRemoved& removed, domain::Seq added_seq) {
  blank(removed.id, removed.occurred_at, append(removed), added_seq, UpdateType::added_and_removed);
}

void BatchRows::blank(const domain::CommentId& id, domain::Timestamp at, std::int64_t channel, domain::Seq added_seq,
                      UpdateType type) {
  blanks_.add(id.value, at, channel, added_seq, static_cast<int>(type));
}

void BatchRows::insert_notification(const domain::Notification& notification,
                                    const std::optional<domain::IdempotencyKey>& key) {
  const auto inbox = append(notification);
  if (!key) return;
  requests_.add(notification.to.company.value(), notification.sender.value(), key->key, key->request_hash,
                notification.id.value, inbox, notification.seq);
}

void BatchRows::save_member(std::int64_t channel, const domain::Member& member) {
  members_.add(channel, member.user.value(), static_cast<int>(member.role), member.joined_at, member.seq);
}

void BatchRows::delete_member(std::int64_t channel, const domain::UserId& user) { leavers_.add(channel, user.value()); }

void BatchRows::save_settings(const domain::ChannelKey& channel, const domain::Conversation& next) {
  Grown& grown = grown_.at(channel);
  grown.channel.title = next.title;
  grown.channel.visibility = next.visibility;
}

Values BatchRows::channel_values() const {
  std::vector<const Grown*> ordered;
  for (const auto& [key, grown] : grown_) ordered.push_back(&grown);
  // Places grow in the order of the channels' newest updates in the batch.
  std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) { return a->newest < b->newest; });
  Columns<6> rows;
  for (const auto* grown : ordered) {
    const auto& channel = grown->channel;
    rows.add(channel.id, channel.head, grown->at, static_cast<int>(channel.visibility),
             channel.title ? &channel.title->value() : nullptr, channel.writers.sole());
  }
  return rows.values();
}

Array BatchRows::vain_channels() const {
  Array ids;
  for (const auto& [key, channel] : facts_.channels()) {
    if (channel.head == 0 && !grown_.contains(key)) ids.add(channel.id);
  }
  return ids;
}

Script BatchRows::script() const {
  Script script;
  const auto add = [&script](const char* statement, const auto& rows) {
    if (!rows.empty()) script.add(statement, rows.values());
  };
  add(kInsertComments, comments_);
  add(kReplaceComments, edits_);
  add(kBlankComments, blanks_);
  add(kBlankAdded, blanks_);
  add(kBlankEdits, blanks_);
  add(kSaveMembers, members_);
  add(kDeleteMembers, leavers_);
  add(kInsertRequests, requests_);
  if (!updates_.empty()) {
    script.add(kInsertUpdates, updates_.values());
    script.add(kGrowChannels, channel_values());
  }
  if (const auto vain = vain_channels(); !vain.empty()) script.add(kForgetChannels, Values{}.add(vain));
  return script.add(kCommitPatiently).add("COMMIT").add(kLogEnd);
}

Script outcome_script(const CommitMarker& marker) {
  Script script;
  script.add("BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE");
  script.add("SELECT id FROM channels WHERE id = $1::bigint FOR UPDATE", Values{}.add(marker.channel));
  script.add("SELECT 1 FROM updates WHERE channel_id = $1::bigint AND seq = $2::bigint AND subject_id = $3::uuid",
             Values{}.add(marker.channel).add(marker.seq).add(marker.subject));
  script.add("SELECT value FROM meta WHERE name = 'epoch'");
  return script.add("COMMIT").add(kLogEnd);
}

bool took_place(const std::vector<Rows>& answers) { return !answers.at(2).empty(); }

domain::Position outcome_position(const std::vector<Rows>& answers) {
  return {answers.at(3).first().text(0), answers.at(5).first().number(0)};
}

}  // namespace danwa::postgres
