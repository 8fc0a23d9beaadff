#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/target.hpp"

namespace danwa::infra::pg {

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

}  // namespace danwa::infra::pg
