#include "infra/postgres/session.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "infra/postgres/log_tail.hpp"

// A new session inherits settings from its environment (PGOPTIONS, PGTZ, PGCLIENTENCODING ...), its role, its database
// and the server's configuration. Each of them can change the meaning of a statement: the encoding of texts, the word
// NULL in an array, the table that a name refers to, whether a commit is on disk. Every session therefore sets the
// values that our statements are written for before its first statement, and again after a reconnect.
//
// A pooler that gives a server session to another client after each transaction would lose these values and the
// prepared statements. It is detected by a mark in the session: a new session must have none, since it has no earlier
// user, and must still have its own mark in the next transaction.
//
// This file also turns a URL into targets, and wraps reads into a transaction with a known position.

namespace danwa::postgres {
namespace {

using Parameters = std::map<std::string, std::string>;

/// Parses the URL. libpq's own message may repeat it with its password, so the message is not passed on.
Parameters parameters_of(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options{PQconninfoParse(url.c_str(), &message),
                                                                               &PQconninfoFree};
  PQfreemem(message);
  if (!options) throw std::runtime_error{"the database URL is none of PostgreSQL"};
  Parameters found;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') found[option->keyword] = option->val;
  }
  return found;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string nth(const std::vector<std::string>& parts, std::size_t n) { return parts[std::min(n, parts.size() - 1)]; }

Target target_of(Parameters parameters, Role role, const std::string& host, const std::string& address,
                 const std::string& port) {
  const auto put = [&parameters](const char* name, const std::string& value) {
    if (value.empty()) {
      parameters.erase(name);
    } else {
      parameters[name] = value;
    }
  };
  put("host", host);
  put("hostaddr", address);
  put("port", port);
  parameters.try_emplace("fallback_application_name", "danwa");
  parameters.try_emplace("tcp_user_timeout", "5000");
  const std::string place = !host.empty() ? host : !address.empty() ? address : "local";
  return Target{place + ":" + (port.empty() ? "5432" : port), std::move(parameters), role};
}

}  // namespace

std::vector<Target> targets_of(const std::string& url, Role role) {
  auto parameters = parameters_of(url);
  parameters.try_emplace("target_session_attrs", role == Role::master ? "primary" : "any");
  parameters["client_encoding"] = "UTF8";
  const auto hosts = split(parameters["host"]);
  const auto addresses = split(parameters["hostaddr"]);
  const auto ports = split(parameters["port"]);
  std::vector<Target> targets;
  for (std::size_t n = 0; n < std::max(hosts.size(), addresses.size()); ++n) {
    targets.push_back(target_of(parameters, role, nth(hosts, n), nth(addresses, n), nth(ports, n)));
  }
  return targets;
}

std::string public_name(const std::string& url) {
  std::string name;
  for (const auto& target : targets_of(url, Role::replica)) name += (name.empty() ? "" : ",") + target.name;
  const auto parameters = parameters_of(url);
  const auto database = parameters.find("dbname");
  return database == parameters.end() ? name : name + "/" + database->second;
}

namespace {

constexpr const char* kReplayed =
    "SELECT pg_is_in_recovery(), coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::text";

// The received end counts, not the replayed one, because a commit becomes visible shortly before it counts as replayed.
constexpr const char* kReceived =
    "SELECT coalesce(pg_wal_lsn_diff(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0'), 0)::text";

}  // namespace

Script snapshot_script(const Script& queries, Role role, bool include_position) {
  Script script;
  if (role == Role::replica) script.add(kReplayed).sync();
  script.add("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
  script.add("SELECT value FROM meta WHERE name = 'epoch'");
  script.append(queries);
  if (include_position) script.add(role == Role::replica ? kReceived : kLogEnd);
  return script.add("COMMIT");
}

domain::Position Snapshot::position() const {
  if (!include_position_) throw std::runtime_error{"a position that was not asked for"};
  return domain::Position{epoch(), answers_.at(answers_.size() - 2).first().number(0)};
}

bool Snapshot::has_reached(const std::optional<domain::Position>& wanted) const {
  return !wanted || answers_.at(0).first().number(1) >= wanted->number;
}

namespace {

constexpr int kOldestServer = 130000;  // xid8, pg_current_xact_id()

using Setting = std::pair<const char*, const char*>;

constexpr std::array<Setting, 33> kSettings{{
    // meaning of texts and literals
    {"client_encoding", "UTF8"},
    {"standard_conforming_strings", "on"},
    {"backslash_quote", "safe_encoding"},
    {"escape_string_warning", "on"},
    {"array_nulls", "on"},
    {"transform_null_equals", "off"},
    {"DateStyle", "ISO, MDY"},
    {"IntervalStyle", "postgres"},
    {"TimeZone", "UTC"},
    {"bytea_output", "hex"},
    {"extra_float_digits", "1"},
    // defaults of transactions
    {"default_transaction_isolation", "read committed"},
    {"default_transaction_read_only", "off"},
    {"default_transaction_deferrable", "off"},
    {"default_table_access_method", "heap"},
    {"exit_on_error", "off"},
    {"idle_session_timeout", "0"},
    {"transaction_timeout", "0"},
    {"client_min_messages", "warning"},  // a commit that did not wait for its standby raises a warning
    // Our statements find a few rows each, through an index. These settings tell the planner so without statistics,
    // which a new or restored database does not have.
    {"enable_hashjoin", "off"},
    {"enable_mergejoin", "off"},
    {"jit", "off"},
    {"max_parallel_workers_per_gather", "0"},
    {"enable_nestloop", "on"},
    {"enable_indexscan", "on"},
    {"enable_indexonlyscan", "on"},
    {"enable_bitmapscan", "on"},
    {"enable_tidscan", "on"},
    {"enable_sort", "on"},
    {"enable_incremental_sort", "on"},
    {"enable_material", "on"},
    {"enable_partition_pruning", "on"},
    {"plan_cache_mode", "auto"},
}};

// Comes first, because an inherited limit may be too short for the next statements.
constexpr const char* kNoLimit = "SET statement_timeout = 0";

// Names are resolved with PostgreSQL's default search path, unless the URL itself sets one.
constexpr const char* kSearchPath =
    "SELECT pg_catalog.set_config('search_path', coalesce($1::text, pg_catalog.current_setting('search_path')), false)";
constexpr const char* kDefaultPath = "\"$user\", public";

constexpr const char* kFound =
    "SELECT coalesce(current_setting('danwa.session', true), ''), "
    "EXISTS(SELECT 1 FROM pg_settings WHERE name = 'default_transaction_read_only' AND setting = 'on' "
    "AND source IN ('configuration file', 'command line', 'environment variable', 'override'))";

// Settings that this server does not know are left out.
constexpr const char* kSet =
    "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS wanted(name, value) "
    "WHERE current_setting(name, true) IS NOT NULL";

// A commit is on disk before it is acknowledged, and on the disk of a synchronous standby if there is one. The operator
// chooses how far that standby must have come (remote_write, on, remote_apply).
constexpr const char* kDurable =
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')";

constexpr const char* kMark =
    "SELECT set_config('danwa.session', gen_random_uuid()::text, false), pg_backend_pid()::text";
constexpr const char* kProof = "SELECT coalesce(current_setting('danwa.session', true), ''), pg_backend_pid()::text";

constexpr std::size_t kFoundAnswer = 2;

bool names_a_search_path(const Target& target) {
  const auto options = target.parameters.find("options");
  return options != target.parameters.end() && options->second.find("search_path") != std::string::npos;
}

Values settings(const SessionLimits& limits) {
  Columns<2> rows;
  const auto set = [&](const std::string& name, const std::string& value) { rows.add(name, value); };
  for (const auto& [name, value] : kSettings) set(name, value);
  set("enable_seqscan", limits.reads_whole_tables ? "on" : "off");
  set("statement_timeout", std::to_string(limits.statement.count()));
  set("lock_timeout", std::to_string(limits.lock.count()));
  set("idle_in_transaction_session_timeout", std::to_string(limits.idle_in_transaction.count()));
  return rows.values();
}

}  // namespace

SharedSession::SharedSession()
    : std::runtime_error{
          "a pooler hands the sessions of the server to other clients as they were left; set its pool_mode to session "
          "(with server_reset_query = DISCARD ALL, its default), or connect to the server itself"} {}

void require_suitable_server(const PGconn* connection) {
  const int version = PQserverVersion(connection);
  if (version < kOldestServer) {
    throw std::runtime_error{"the server is PostgreSQL " + std::to_string(version / 10000) +
                             ", danwa needs 13 or newer; upgrade the server"};
  }
  const char* encoding = PQparameterStatus(connection, "server_encoding");
  if (encoding != nullptr && std::string_view{encoding} == "UTF8") return;
  throw std::runtime_error{"the database has the encoding " + std::string{encoding == nullptr ? "unknown" : encoding} +
                           ", danwa needs UTF8; make one with: createdb -E UTF8 -T template0 NAME"};
}

Script session_setup(const Target& target, const SessionLimits& limits) {
  const std::string path = kDefaultPath;
  Script script;
  script.add(kNoLimit).add(kSearchPath, Values{}.add(names_a_search_path(target) ? nullptr : &path)).add(kFound);
  return script.add(kSet, settings(limits)).add(kDurable).add(kMark);
}

Script session_proof() {
  Script script;
  return script.add(kProof);
}

void require_own_session(const Target& target, const std::vector<Rows>& setup, const std::vector<Rows>& proof) {
  const Row found = setup.at(kFoundAnswer).first();
  const Row mark = setup.back().first();
  const Row now = proof.front().first();
  if (!found.text(0).empty() || now.text(0) != mark.text(0) || now.text(1) != mark.text(1)) throw SharedSession{};
  if (target.role == Role::master && found.truth(1)) {
    throw std::runtime_error{
        "default_transaction_read_only is on in the server's configuration, which keeps it from being written; set it "
        "to off there, or name the server that takes writes"};
  }
}

}  // namespace danwa::postgres
