#include "infra/postgres/session.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

// A new session inherits settings from its environment (PGOPTIONS, PGTZ, PGCLIENTENCODING ...), its role, its database
// and the server's configuration. Each of them can change the meaning of a statement: the encoding of texts, the word
// NULL in an array, the table that a name refers to, whether a commit is on disk. Every session therefore sets the
// values that our statements are written for before its first statement, and again after a reconnect.
//
// A pooler that gives a server session to another client after each transaction would lose these values and the
// prepared statements. It is detected by a mark in the session: a new session must have none, since it has no earlier
// user, and must still have its own mark in the next transaction.

namespace danwa::infra::pg {
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
  Array names;
  Array values;
  const auto set = [&](const char* name, const std::string& value) {
    names.add(std::string{name});
    values.add(value);
  };
  for (const auto& [name, value] : kSettings) set(name, value);
  set("enable_seqscan", limits.reads_whole_tables ? "on" : "off");
  set("statement_timeout", std::to_string(limits.statement.count()));
  set("lock_timeout", std::to_string(limits.lock.count()));
  set("idle_in_transaction_session_timeout", std::to_string(limits.idle_in_transaction.count()));
  return Values{}.add(names).add(values);
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

}  // namespace danwa::infra::pg
