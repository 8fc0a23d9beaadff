#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "infra/postgres/rows.hpp"
#include "infra/postgres/script.hpp"
#include "infra/postgres/target.hpp"

namespace danwa::infra::pg {

/// What may last how long in a session. 0: as long as it takes.
struct SessionLimits {
  std::chrono::milliseconds statement{0};            ///< one statement
  std::chrono::milliseconds lock{0};                 ///< the wait for a lock
  std::chrono::milliseconds idle_in_transaction{0};  ///< a client that says nothing inside a transaction
  bool reads_whole_tables = false;                   ///< upkeep: the planner may choose to
};

/// Others use the server session of this connection, too. Its text names the cure.
struct SharedSession : std::runtime_error {
  SharedSession();
};

/// Throws std::runtime_error unless the server is new enough and the database holds UTF-8. The text names what is
/// wrong and the cure.
void require_suitable_server(const PGconn* connection);

/// The first round trip of every connection: sets all that the session would else inherit from the environment, the
/// role, the database, a pooler or the server's configuration, and on which the meaning of our statements depends.
Script session_setup(const Target& target, const SessionLimits& limits);

/// The second one: looks whether the session is still the one that was set up.
Script session_proof();

/// Of the answers to both. Throws SharedSession when a pooler hands the session to others between two transactions,
/// and std::runtime_error when the configuration of a master keeps it from being written.
void require_own_session(const Target& target, const std::vector<Rows>& setup, const std::vector<Rows>& proof);

}  // namespace danwa::infra::pg
