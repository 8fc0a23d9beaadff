#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "usecase/delivery/router_table.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::caf {

/// Reads the log for the routers, checks the access of guarded watchers, and encodes the updates of a page, all on a
/// thread of its own. A failed read is tried again after 20 ms, then after twice as long each time (at most 1 s), until
/// `patience` is over. Thread safe. The number of reads in flight is bounded by the number of watchers, because each
/// watcher waits for at most one.
class LogReader {
 public:
  using OnHead = std::function<void(std::optional<usecase::UpdateLog::Head>)>;  ///< nullopt: the read failed
  using OnPage = std::function<void(std::optional<delivery::LogPage>)>;

  using OnAccess = std::function<void(std::optional<usecase::AccessCheck::Answer>)>;

  /// `access` may be null: then every check is in vain.
  LogReader(usecase::UpdateLog& log, usecase::AccessCheck* access, const delivery::FrameEncoder& frames,
            std::chrono::milliseconds patience);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  /// The answer comes once, on the reader's thread, unless the reader is stopped before. Heads that are wanted at once
  /// share a read.
  void head(const delivery::ReadHead& what, OnHead answer);
  void updates(const delivery::ReadUpdateRange& what, OnPage answer);
  void check(const usecase::AccessGuard& guard, OnAccess answer);
  bool can_check() const;  ///< whether the node has an access check

  /// Waits at most `limit` for the reads in flight, then joins the thread. No other method may be called afterwards.
  /// False: a read is still in flight. Its late answer needs the reader's internals, which are leaked on purpose.
  bool stop(std::chrono::milliseconds limit);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
  usecase::AccessCheck* access_;
};

}  // namespace danwa::caf
