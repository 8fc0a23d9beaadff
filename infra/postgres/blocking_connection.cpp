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
  if (!rows.good()) fail();
  return rows;
}

void BlockingConnection::start_copy(const std::string& sql) {
  const Rows answer{PQexec(connection_.get(), sql.c_str())};
  if (answer.status() != PGRES_COPY_IN) fail();
}

void BlockingConnection::put(std::string_view lines) {
  if (PQputCopyData(connection_.get(), lines.data(), static_cast<int>(lines.size())) != 1) fail();
}

void BlockingConnection::end_copy() {
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) fail();
  bool good = true;
  for (Rows answer{PQgetResult(connection_.get())}; !answer.is_nothing();
       answer = Rows{PQgetResult(connection_.get())}) {
    good = good && answer.good();
  }
  if (!good) fail();
}

void BlockingConnection::fail() { throw std::runtime_error{first_line(PQerrorMessage(connection_.get()))}; }

}  // namespace danwa::infra::pg
