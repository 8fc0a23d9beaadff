#include "infra/postgres/failure.hpp"

#include <string_view>

namespace danwa::infra::pg {
namespace {

/// Classes of SQLSTATE that concern the server, not the statement: connection, resources, operator, system, read-only,
/// configuration.
bool is_of_the_server(std::string_view state) {
  const auto kind = state.substr(0, 2);
  return kind == "08" || kind == "53" || kind == "57" || kind == "58" || kind == "XX" || kind == "F0" ||
         state == "25006";
}

}  // namespace

domain::Errors to_errors(const Failure& failure) {
  if (failure.lost()) return database_failed();
  if (failure.is_locked() || failure.state() == "40P01" || failure.state() == "40001" || failure.state() == "53300") {
    return database_busy();
  }
  if (failure.state() == "53100") return database_full();
  return is_of_the_server(failure.state()) ? database_failed() : database_error();
}

}  // namespace danwa::infra::pg
