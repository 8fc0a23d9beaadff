#pragma once

#include <libpq-fe.h>
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "domain/channel/cursor.hpp"
#include "infra/postgres/script.hpp"

namespace danwa::postgres {

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

/// Wraps `queries` in one read-only transaction of one round trip. On a replica, the replayed position is read before
/// the snapshot is taken: a lower bound of the state that the snapshot shows. If `include_position` is set, the
/// position of the server is read after the queries: an upper bound of the state that they can have shown.
Script snapshot_script(const Script& queries, Role role, bool include_position);

/// The answers to such a script. Throws std::runtime_error if they do not have the expected shape.
class Snapshot {
 public:
  Snapshot(const std::vector<Rows>& answers, Role role, bool include_position)
      : answers_{answers}, role_{role}, include_position_{include_position} {}

  /// The answer to the nth of the queries.
  const Rows& rows(std::size_t n) const { return answers_.at(first() + 1 + n); }

  domain::Epoch epoch() const { return answers_.at(first()).first().text(0); }
  domain::Position position() const;

  bool is_standby() const { return answers_.at(0).first().truth(0); }  ///< of a replica's answers
  bool has_reached(const std::optional<domain::Position>& wanted) const;

 private:
  std::size_t first() const { return role_ == Role::replica ? 2 : 1; }  ///< index of the epoch's answer

  const std::vector<Rows>& answers_;
  const Role role_;
  const bool include_position_;
};

/// Time limits of a session. 0: no limit.
struct SessionLimits {
  std::chrono::milliseconds statement{0};            ///< one statement
  std::chrono::milliseconds lock{0};                 ///< one wait for a lock
  std::chrono::milliseconds idle_in_transaction{0};  ///< silence of a client inside a transaction
  bool reads_whole_tables = false;                   ///< maintenance: the planner may scan whole tables
};

/// Other clients use the server session of this connection, too. The text names the remedy.
struct SharedSession : std::runtime_error {
  SharedSession();
};

/// Throws std::runtime_error unless the server is new enough and the database uses UTF-8. The text names the problem
/// and the remedy.
void require_suitable_server(const PGconn* connection);

/// The first round trip of every connection. It sets everything that the session would otherwise inherit from the
/// environment, the role, the database, a pooler or the server's configuration, and that can change the meaning of our
/// statements.
Script session_setup(const Target& target, const SessionLimits& limits);

/// The second round trip: checks whether the session is still the one that was set up.
Script session_proof();

/// Checks the answers to both scripts. Throws SharedSession if a pooler gives the session to other clients between two
/// transactions, and std::runtime_error if the configuration of a master prevents writes.
void require_own_session(const Target& target, const std::vector<Rows>& setup, const std::vector<Rows>& proof);

}  // namespace danwa::postgres
