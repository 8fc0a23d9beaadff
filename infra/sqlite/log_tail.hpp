#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/result.hpp"
#include "domain/core/uuid.hpp"
#include "infra/sqlite/connection.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::sqlite {

/// Reports to a listener which channels have grown, whichever process wrote the updates. This is the sure path of
/// delivery: it needs no event bus. Polls the file every `interval`, on a thread and a connection of its own, without a
/// transaction between polls. If nothing was committed, a poll is one pragma.
///
/// Each poll also checks the row at the last position that was seen. If it is gone or another one, an older state has
/// replaced the file; the log gets a new epoch and the listener is notified.
class LogTail {
 public:
  /// Gives the log a new epoch if the given one is still current; returns the current one. May block.
  using Renew = std::function<domain::Result<domain::Epoch>(const domain::Epoch&)>;
  using Reopening = std::function<void()>;
  using EpochSeen = std::function<void(const domain::Epoch&)>;

  struct Needs {
    std::string path;
    std::chrono::milliseconds interval;
    usecase::TailListener& listener;
    Renew renew;
    domain::Epoch known;  ///< the epoch with which the listener started
    Reopening
        reopening;  ///< called before the path is opened again, perhaps as another file; may throw std::runtime_error
    EpochSeen epoch_seen;
    adapters::Logger& log;
    adapters::Metrics& metrics;
  };

  /// Starts at the present end of the log. Throws SQLite::Exception.
  explicit LogTail(Needs needs);
  LogTail(const LogTail&) = delete;
  LogTail& operator=(const LogTail&) = delete;

  /// True if the latest poll worked and this program knows the schema.
  bool healthy() const { return healthy_.load(std::memory_order_relaxed) && !outdated_; }

 private:
  /// The newest row that was seen; position 0 if the log was empty.
  struct Mark {
    std::int64_t position = 0;
    domain::Uuid subject;
    domain::Seq seq = 0;
  };
  enum class Look { nothing_more, more, another_log };

  void run_once();
  void connect();
  void look();
  void poll_log();
  void look_at_schema();
  Look read_rows();
  void start_anew();
  Mark read_end();
  std::optional<domain::ChannelKey> key_of(std::int64_t channel);
  void tell(const std::unordered_map<std::int64_t, domain::Seq>& heads);

  Needs needs_;
  adapters::QuietLog log_;
  std::unique_ptr<Connection> connection_;
  std::int64_t data_version_ = -1;
  Mark mark_;
  domain::Epoch epoch_;
  std::unordered_map<std::int64_t, domain::ChannelKey> keys_;
  std::atomic<bool> healthy_{true};
  std::atomic<bool> outdated_{false};
  std::jthread thread_;
};

}  // namespace danwa::sqlite
