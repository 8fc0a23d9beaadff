#include "infra/postgres/blocking_connection.hpp"

#include <algorithm>
#include <stdexcept>

#include "infra/postgres/session.hpp"

namespace danwa::infra::pg {
namespace {

/// The first line, without trailing spaces.
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
    try {
      begin_session(target);
      return;
    } catch (const SharedSession&) {
      throw;
    } catch (const std::runtime_error& refused) {
      why += (why.empty() ? "" : "; ") + std::string{refused.what()};
    }
  }
  throw std::runtime_error{why};
}

void BlockingConnection::begin_session(const Target& target) {
  if (!connection_) throw std::runtime_error{"no memory"};
  if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
  PQsetNoticeReceiver(connection_.get(), &keep_quiet, nullptr);
  require_suitable_server(connection_.get());
  const auto setup = run(session_setup(target, {.reads_whole_tables = true}));
  require_own_session(target, setup, run(session_proof()));
}

std::vector<Rows> BlockingConnection::run(const Script& script) {
  std::vector<Rows> answers;
  for (const auto& [sql, values] : script.steps()) {
    if (sql == nullptr) continue;
    const auto pointers = values.pointers();
    answers.emplace_back(
        PQexecParams(connection_.get(), sql, values.size(), nullptr, pointers.data(), nullptr, nullptr, 0));
    if (!answers.back().good()) fail();
  }
  return answers;
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
