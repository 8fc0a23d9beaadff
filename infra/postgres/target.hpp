#pragma once

#include <map>
#include <string>
#include <vector>

namespace danwa::infra::pg {

enum class Role { master, replica };

/// One host that may be the server, with all parameters that libpq needs.
struct Target {
  std::string name;                               ///< host:port, for logs
  std::map<std::string, std::string> parameters;  ///< of libpq; none is empty
  Role role = Role::master;                       ///< purpose of the connection
};

/// Splits a libpq URL into one target per host, so that a host that does not answer does not hide the next one. A
/// master must not be a standby (`target_session_attrs`), unless the URL says otherwise; a replica may be either. Sets
/// parameters that the URL leaves open and the environment could change (PGCLIENTENCODING, PGTARGETSESSIONATTRS).
/// Throws std::runtime_error for an invalid URL.
std::vector<Target> targets_of(const std::string& url, Role role);

/// The URL for logs and messages: hosts and database, never a password.
std::string public_name(const std::string& url);

}  // namespace danwa::infra::pg
