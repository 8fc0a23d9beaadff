#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/log/logger.hpp"
#include "domain/core/time.hpp"
#include "infra/jwt/token_text.hpp"

namespace danwa::infra {

/// Logs the reasons of refused tokens at info, each reason at most once a second. So a flood of bad tokens neither
/// fills the log nor hides another reason. Thread safe.
class RefusalLog {
 public:
  explicit RefusalLog(adapters::Logger& log) : log_{log} {}

  void note(Refusal why, domain::Timestamp now) {
    std::int64_t left_out = 0;
    {
      const std::lock_guard lock{mutex_};
      auto& [last, more] = reasons_[why];
      // `now >= *last`: after the clock was set back the log must not stay silent.
      if (last && now >= *last && now - *last < kEvery) {
        ++more;
        return;
      }
      last = now;
      left_out = std::exchange(more, 0);
    }
    std::vector<adapters::LogField> fields{{"why", why}};
    if (left_out > 0) fields.emplace_back("left_out", left_out);
    log_.info("auth.token_refused", std::move(fields));
  }

 private:
  static constexpr std::chrono::seconds kEvery{1};
  struct Reason {
    std::optional<domain::Timestamp> last;
    std::int64_t left_out = 0;  // lines left out since `last`
  };

  adapters::Logger& log_;
  std::mutex mutex_;                   // all io threads refuse tokens; held for a lookup
  std::map<Refusal, Reason> reasons_;  // about forty fixed texts
};

}  // namespace danwa::infra
