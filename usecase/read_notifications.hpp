#pragma once

#include <optional>
#include <vector>

#include "domain/account/credential.hpp"
#include "domain/channel/merged_cursor.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// Reads a page of the caller's inboxes as one list: by time, each inbox in the order of its log. Thread safe.
class ReadNotifications {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  explicit ReadNotifications(UpdateLog& log) : log_{log} {}

  struct Input {
    std::optional<domain::MergedCursor> after;  ///< inboxes that it does not name are read from the start
    std::size_t limit = 100;                    ///< 1 to 1,000
    std::optional<domain::Position> seen{};     ///< everything written up to it is shown
    ReadFrom from = ReadFrom::replica;          ///< the master after an announcement, which a replica may not have yet
  };
  struct Output {
    std::vector<domain::Update> updates;
    domain::MergedCursor next;  ///< after these updates; names every inbox
    bool reset = false;         ///< a log does not continue at the cursor (see ReadUpdates): `next` is at the heads
    std::optional<domain::Position> position{};  ///< position of the database that the page shows
  };

  /// Errors: `limit-out-of-range`, `too-many-stores` (validation); `token-required`; `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  UpdateLog& log_;
};

}  // namespace danwa::usecase
