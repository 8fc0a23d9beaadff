#include "infra/postgres/update_rows.hpp"

#include <stdexcept>

namespace danwa::infra::pg {
namespace {

[[noreturn]] void refuse_update(const char* what) { throw std::runtime_error{what}; }

}  // namespace

domain::Update read_update(const Row& row, const domain::ChannelKey& channel) {
  return domain::Update{channel, row.number(0), row.time(2), adapters::read_update_body(row, refuse_update)};
}

}  // namespace danwa::infra::pg
