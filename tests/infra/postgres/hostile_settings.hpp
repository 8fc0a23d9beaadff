#pragma once

#include <ostream>
#include <string>

#include "infra/postgres/own_database.hpp"

namespace danwa::tests {

/// A setting that a session may inherit, with a value that would change what our statements mean.
struct Inherited {
  const char* name;
  const char* value;
};

inline std::ostream& operator<<(std::ostream& out, const Inherited& setting) {
  return out << setting.name << ' ' << setting.value;
}

/// For `ALTER ROLE` and `ALTER DATABASE`.
inline std::string altered(const Inherited& setting) {
  return " SET " + std::string{setting.name} + " = '" + setting.value + "'";
}

inline constexpr Inherited kHostile[]{
    {"client_encoding", "LATIN1"},
    {"array_nulls", "off"},
    {"standard_conforming_strings", "off"},
    {"backslash_quote", "off"},
    {"search_path", "nowhere"},
    {"search_path", "pg_catalog"},
    {"TimeZone", "Pacific/Kiritimati"},
    {"DateStyle", "SQL, DMY"},
    {"IntervalStyle", "sql_standard"},
    {"bytea_output", "escape"},
    {"extra_float_digits", "-15"},
    {"default_transaction_isolation", "serializable"},
    {"default_transaction_read_only", "on"},
    {"default_transaction_deferrable", "on"},
    {"transform_null_equals", "on"},
    {"quote_all_identifiers", "on"},
    {"exit_on_error", "on"},
    {"client_min_messages", "error"},
    {"synchronous_commit", "off"},
    {"statement_timeout", "10ms"},
    {"lock_timeout", "1ms"},
    {"idle_in_transaction_session_timeout", "5ms"},
    {"plan_cache_mode", "force_generic_plan"},
    {"enable_indexscan", "off"},
    {"enable_nestloop", "off"},
    {"row_security", "off"},
    {"session_replication_role", "replica"},
};

/// A database whose sessions inherit all of them.
class HostileDatabase : public OwnDatabase {
 public:
  explicit HostileDatabase(bool hostile = true) {
    if (!hostile) return;
    Sql admin{shared_primary().url()};
    for (const auto& setting : kHostile) admin.ask("ALTER DATABASE " + name() + altered(setting));
  }
};

}  // namespace danwa::tests
