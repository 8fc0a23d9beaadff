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
};

/// The hosts of a libpq URL, one each, so that a host that does not answer does not hide the next. A master's
/// must take writes (`target_session_attrs`), unless the URL says otherwise. Throws std::runtime_error for what
/// is no such URL.
std::vector<Target> targets_of(const std::string& url, Role role);

/// The URL for people: hosts and database, never a password.
std::string public_name(const std::string& url);

}  // namespace danwa::infra::pg
