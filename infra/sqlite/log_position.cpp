#include "infra/sqlite/log_position.hpp"

#include "infra/sqlite/channel_rows.hpp"
#include "infra/sqlite/query.hpp"

namespace danwa::infra {
namespace {

std::uint64_t newest_position(Connection& connection) {
  Query query{connection, "SELECT max(position) FROM updates"};
  return query.step() ? query.number(0) : 0;
}

}  // namespace

domain::Position read_position(Connection& connection) {
  return domain::Position{read_epoch(connection), newest_position(connection)};
}

domain::Position position_in(WriteTransaction& transaction) {
  if (!transaction.epoch) transaction.epoch = read_epoch(transaction.connection);
  const auto& last = transaction.last_update;
  const auto number = last ? static_cast<std::uint64_t>(last->position) : newest_position(transaction.connection);
  return domain::Position{*transaction.epoch, number};
}

}  // namespace danwa::infra
