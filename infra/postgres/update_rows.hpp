#pragma once

#include <cstdint>

#include "domain/channel/update.hpp"
#include "infra/postgres/rows.hpp"

// The entries of every channel's log, as rows. Throws std::runtime_error for what is none.
namespace danwa::infra::pg {

/// How an update row says what it is; part of the schema. An `added` whose comment is removed turns
/// `added_and_removed`, so that pages of comments can be walked without looking at what is gone.
///
/// | type | subject_id | author | about | content |
/// |---|---|---|---|---|
/// | 0 to 3 | the comment | who wrote it | | its text, blank when removed |
/// | 4, 5 | the event | who did it | the member | |
/// | 6 | the event | who did it | the visibility | the title |
/// | 7 | the notification | who sent it | | its text |
enum class UpdateType : std::int16_t {
  added = 0,
  updated = 1,
  deleted = 2,
  added_and_removed = 3,
  member_joined = 4,
  member_left = 5,
  conversation_updated = 6,
  notification = 7
};

/// The columns that `read_update` takes, in this order:
/// seq, type, occurred_ms, subject_id, author, about, client_ref, content.
domain::Update read_update(const Row& row, const domain::ChannelKey& channel);

}  // namespace danwa::infra::pg
