#include "infra/postgres/database_import.hpp"

#include <algorithm>
#include <stdexcept>

#include "domain/core/result.hpp"
#include "infra/postgres/migrations.hpp"

// Copies tables with COPY, the fastest way into PostgreSQL, inside one transaction that locks all of them. A copy that
// is interrupted therefore leaves an empty database. Three checks prevent a silent loss: the database is empty at the
// start, each table has as many rows as were sent, and the updates of each channel are numbered from 1 to its head.
//
// BlockingConnection uses libpq's blocking calls, because no node serves yet. It sets up and checks its session like
// every other connection.

namespace danwa::postgres {
namespace {

/// The first line of `message`, without trailing spaces.
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

namespace {

using adapters::CopiedTable;

constexpr std::size_t kChunk = 1U << 16U;                   // bytes of lines sent together
constexpr std::chrono::milliseconds kConnectTimeout{5000};  // per host

std::string copy_of(const CopiedTable& table) {
  return "COPY " + std::string{table.name} + "(" + columns_of(table, "user_id") + ") FROM STDIN";
}

/// Escapes `text` for COPY's text format.
void append_escaped(std::string& line, const std::string& text) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        line += "\\\\";
        break;
      case '\n':
        line += "\\n";
        break;
      case '\r':
        line += "\\r";
        break;
      case '\t':
        line += "\\t";
        break;
      default:
        line += c;
    }
  }
}

void append_field(std::string& line, const adapters::CopiedField& field) {
  std::visit(domain::Overloaded{[&line](std::monostate) { line += "\\N"; },
                                [&line](std::int64_t number) { line += std::to_string(number); },
                                [&line](const std::string& text) { append_escaped(line, text); },
                                [&line](const domain::Uuid& id) { line += id.to_string(); }},
             field);
}

std::string migrated(const std::string& url) {
  migrate_postgres(url, kConnectTimeout);
  return url;
}

void require_empty(BlockingConnection& connection) {
  for (const auto& table : adapters::kCopiedTables) {
    const std::string name{table.name};
    if (!connection.execute("SELECT 1 FROM " + name + " LIMIT 1").empty()) {
      throw std::runtime_error{"the database is not empty: its table " + name + " has rows, and nothing was copied"};
    }
  }
}

constexpr const char* kBrokenLogs =
    "SELECT count(*) FROM channels LEFT JOIN (SELECT channel_id, count(*) AS n, count(DISTINCT seq) AS seqs, min(seq) "
    "AS "
    "first, max(seq) AS last FROM updates GROUP BY channel_id) logs ON channel_id = id WHERE head <> coalesce(n, 0) OR "
    "n <> seqs OR head <> last OR first <> 1";

}  // namespace

DatabaseImport::DatabaseImport(const std::string& url)
    : connection_{targets_of(migrated(url), Role::master), kConnectTimeout} {
  connection_.execute("BEGIN");
  connection_.execute(
      "LOCK TABLE channels, comments, members, notification_requests, updates IN ACCESS EXCLUSIVE MODE");
  require_empty(connection_);
}

void DatabaseImport::start(const CopiedTable& table) {
  table_ = table;
  written_ = 0;
  connection_.start_copy(copy_of(table));
}

void DatabaseImport::write(const adapters::CopiedRow& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) waiting_ += '\t';
    append_field(waiting_, row[i]);
  }
  waiting_ += '\n';
  ++written_;
  if (waiting_.size() < kChunk) return;
  connection_.put(waiting_);
  waiting_.clear();
}

std::uint64_t DatabaseImport::finish() {
  connection_.put(waiting_);
  waiting_.clear();
  connection_.end_copy();
  const std::string name{table_.name};
  const auto there = connection_.execute("SELECT count(*) FROM " + name).first().number(0);
  if (there != written_) {
    throw std::runtime_error{"of " + std::to_string(written_) + " rows of the table " + name + " " +
                             std::to_string(there) + " arrived, and nothing was copied"};
  }
  return there;
}

void DatabaseImport::commit(const domain::Epoch& epoch) {
  if (epoch.empty() || epoch.find_first_not_of("0123456789abcdef") != domain::Epoch::npos) {
    throw std::runtime_error{"the epoch of the log is not valid, and nothing was copied"};
  }
  const auto broken = connection_.execute(kBrokenLogs).first().number(0);
  if (broken != 0) {
    throw std::runtime_error{std::to_string(broken) + " logs have holes, and nothing was copied"};
  }
  // The ids and places were copied, so their sequences must continue after them.
  connection_.execute("SELECT setval(pg_get_serial_sequence('channels', 'id'), greatest(max(id), 1)) FROM channels");
  connection_.execute("SELECT setval('channel_places', greatest(max(place), 1)) FROM channels");
  connection_.execute("UPDATE meta SET value = '" + epoch + "' WHERE name = 'epoch'");
  connection_.execute("COMMIT");
  connection_.execute("ANALYZE");
}

}  // namespace danwa::postgres
