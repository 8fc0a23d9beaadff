#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "adapters/delivery/router_effects.hpp"
#include "usecase/ports/access_check.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::infra {

/// Reads the log for the router and looks up the rights of guarded watchers, on a thread of its own; updates are
/// encoded there too. While the log is unavailable it tries again, waiting longer each time, up to `patience`. Thread
/// safe. What is under way at once is bounded by the watchers: each waits for at most one read.
class LogReader {
 public:
  using OnHead = std::function<void(std::optional<usecase::UpdateLog::Head>)>;  ///< nothing: in vain
  using OnPage = std::function<void(std::optional<adapters::LogPage>)>;

  using OnAccess = std::function<void(std::optional<usecase::AccessCheck::Answer>)>;

  /// `access` may be null: then every check is in vain.
  LogReader(usecase::UpdateLog& log, usecase::AccessCheck* access, std::chrono::milliseconds patience);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  /// The answer comes on the reader's thread, once, unless the reader is stopped before.
  void head(const adapters::ReadHead& what, OnHead answer);
  void updates(const adapters::ReadUpdateRange& what, OnPage answer);
  void check(const usecase::AccessGuard& guard, OnAccess answer);
  bool can_check() const;  ///< whether there is somebody to ask

  /// Waits for the reads under way, at most `limit`, then joins the thread; nobody may ask any more.
  /// False: the log still owes answers, and what they need is left behind on purpose.
  bool stop(std::chrono::milliseconds limit);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
  usecase::AccessCheck* access_;
};

}  // namespace danwa::infra
