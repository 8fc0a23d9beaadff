#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "domain/channel/position.hpp"

namespace danwa::infra {

/// Whether what is under way is to be given up.
using Ended = std::function<bool()>;

/// What a copy holds.
struct CopyReport {
  std::uint64_t bytes = 0;
  int schema = 0;
  domain::Position position{};
};

/// Copies the database `source` to `target` by SQLite's online backup: one state between two commits, whoever writes
/// meanwhile, and no writer waits for it. The copy is checked page by page (`integrity_check`), one plain file without
/// a write-ahead log, synced, and gets its name last: there is a whole one or none. Nothing is ever overwritten.
///
/// `ended` is asked often; once it says true, the copy is given up and nothing is left of it. Empty: it never does.
///
/// Throws std::runtime_error with one clear sentence: no database of danwa or one of a newer schema, corrupt, no room,
/// `target` there already, ended.
CopyReport copy_database(const std::string& source, const std::string& target, const Ended& ended = {});

/// Puts the copy `source` in place as the database `target`, under a new epoch: what watchers and readers have seen of
/// another history is worth nothing then, and they are told so. Like `copy_database` otherwise; `target`, its
/// write-ahead log and that log's index must not be there: left over, SQLite would take them for the new file's.
CopyReport restore_database(const std::string& source, const std::string& target, const Ended& ended = {});

}  // namespace danwa::infra
