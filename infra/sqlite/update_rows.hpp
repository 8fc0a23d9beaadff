#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/channel/update.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/write_action.hpp"

// The entries of every channel's log, as rows. Throw SQLite::Exception.
namespace danwa::infra {

/// How an update row says what it is; part of the file format. An `added` whose comment is removed turns
/// `added_and_removed`, so that pages of comments can be walked without looking at what is gone.
///
/// | type | subject_id | author | about | content |
/// |---|---|---|---|---|
/// | 0 to 3 | the comment | who wrote it | | its text, blank when removed |
/// | 4, 5 | the event | who did it | the member | |
/// | 6 | the event | who did it | the visibility | the title |
/// | 7 | the notification | who sent it | | its text |
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

/// An update to be written; what it points at must outlive the call.
struct NewUpdate {
  UpdateType type;
  domain::Timestamp at;
  const domain::Uuid& subject;
  const domain::UserId& author;
  const std::string* about = nullptr;
  const std::string* client_ref = nullptr;
  const std::string* content = nullptr;
};

/// Writes `update` at its place, and makes it the witness of the transaction.
void insert_update(WriteTransaction& transaction, const ChannelBook::Place& place, const NewUpdate& update);

/// The columns that `read_body` and its callers take, in this order:
/// seq, type, occurred_ms, subject_id, author, about, client_ref, content.
domain::UpdateBody read_body(const Query& row);

}  // namespace danwa::infra
