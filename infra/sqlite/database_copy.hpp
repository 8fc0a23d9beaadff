#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "domain/channel/position.hpp"

namespace danwa::infra {

/// Returns true once the work in progress should be given up.
using Ended = std::function<bool()>;

/// Contents of a copy.
struct CopyReport {
  std::uint64_t bytes = 0;
  int schema = 0;
  domain::Position position{};
};

/// Copies the database `source` to `target` with SQLite's online backup. The copy is one state between two commits,
/// even while others write, and no writer waits for it. It is checked page by page (`integrity_check`), is one plain
/// file without a write-ahead log, is synced, and gets its name last, so it exists whole or not at all. Nothing is ever
/// overwritten.
///
/// `ended` is called often; once it returns true, the copy is given up and nothing is left of it. Empty: it never does.
///
/// Throws std::runtime_error with one clear sentence: `source` is no database of danwa, has a newer schema or is
/// corrupt, the disk is full, `target` exists already, or `ended` returned true.
CopyReport copy_database(const std::string& source, const std::string& target, const Ended& ended = {});

/// Puts the copy `source` in place as the database `target`, under a new epoch, because positions that clients have
/// seen of another history are worthless then; the new epoch makes them load afresh. Otherwise like `copy_database`.
/// `target`, its write-ahead log and the index of that log must not exist: SQLite would take leftovers for those of the
/// new file.
CopyReport restore_database(const std::string& source, const std::string& target, const Ended& ended = {});

}  // namespace danwa::infra
