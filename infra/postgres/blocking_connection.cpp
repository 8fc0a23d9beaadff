#include "infra/postgres/blocking_connection.hpp"

#include <algorithm>
#include <stdexcept>

namespace danwa::infra::pg {
namespace {

/// The first line, without its end.
std::string first_line(const std::string& message) {
  std::string line = message.substr(0, message.find('\n'));
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

void keep_quiet(void* /*unused*/, const PGresult* /*notice*/) {}

}  // namespace

BlockingConnection::BlockingConnection(const std::vector<Target>& targets, std::chrono::milliseconds limit) {
  const auto seconds =
      std::to_string(std::max<std::int64_t>(2, std::chrono::ceil<std::chrono::seconds>(limit).count()));
  std::string why;
  for (const auto& target : targets) {
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : target.parameters) {
      if (name == "connect_timeout") continue;
      names.push_back(name.c_str());
      values.push_back(value.c_str());
    }
    for (const char* last : {"connect_timeout", static_cast<const char*>(nullptr)}) {
      names.push_back(last);
      values.push_back(last == nullptr ? nullptr : seconds.c_str());
    }
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 0));
    if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) {
      PQsetNoticeReceiver(connection_.get(), &keep_quiet, nullptr);
      return;
    }
    if (!why.empty()) why += "; ";
    why += first_line(connection_ ? PQerrorMessage(connection_.get()) : "no memory");
  }
  throw std::runtime_error{why};
}

Rows BlockingConnection::execute(const std::string& sql) {
  Rows rows{PQexec(connection_.get(), sql.c_str())};
  if (!rows.good()) throw std::runtime_error{first_line(PQerrorMessage(connection_.get()))};
  return rows;
}

}  // namespace danwa::infra::pg
