#pragma once

#include <map>
#include <string>
#include <vector>

namespace danwa::infra::pg {

enum class Role { master, replica };

/// One host that may be the server meant, with all that libpq must know.
struct Target {
  std::string name;                               ///< host:port, for people
  std::map<std::string, std::string> parameters;  ///< of libpq, none of them empty
  Role role = Role::master;                       ///< what the server is wanted for
};

/// The hosts of a libpq URL, one each, so that a host that does not answer does not hide the next. A master must be
/// no standby (`target_session_attrs`), unless the URL says otherwise; a replica may be either. What the URL leaves
/// open and the environment could change (PGCLIENTENCODING, PGTARGETSESSIONATTRS) is set. Throws std::runtime_error for
/// what is no such URL.
std::vector<Target> targets_of(const std::string& url, Role role);

/// The URL for people: hosts and database, never a password.
std::string public_name(const std::string& url);

}  // namespace danwa::infra::pg
