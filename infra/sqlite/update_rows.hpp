#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/persistence/update_row.hpp"
#include "domain/channel/update.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/write_action.hpp"

// The entries of the channels' logs, as rows. The functions throw SQLite::Exception.
namespace danwa::infra {

using adapters::UpdateType;

/// An update to write. Everything that it refers to must outlive the call.
struct NewUpdate {
  UpdateType type;
  domain::Timestamp at;
  const domain::Uuid& subject;
  const domain::UserId& author;
  const std::string* about = nullptr;
  const std::string* client_ref = nullptr;
  const std::string* content = nullptr;
};

/// Writes `update` at its place and makes it the commit marker of the transaction.
void insert_update(WriteTransaction& transaction, const ChannelBook::Place& place, const NewUpdate& update);

/// `row` has the columns that adapters::read_update_body expects.
domain::UpdateBody read_body(const Query& row);

}  // namespace danwa::infra
