#pragma once

#include <optional>

#include "adapters/controllers/update_source.hpp"
#include "usecase/read_notifications.hpp"
#include "usecase/watch_notifications.hpp"

namespace danwa::adapters {

/// The inboxes of the caller, as one log with a merged cursor: the source of updates of one request.
class NotificationUpdates final : public UpdateSource {
 public:
  NotificationUpdates(const usecase::ReadNotifications& read, const usecase::WatchNotifications& watch)
      : read_{read}, watch_{watch} {}

  void read_place(Query& query) override;
  usecase::Async<domain::Result<usecase::Watch>> watch(domain::Credential who, usecase::Delivery delivery) override;
  usecase::Async<domain::Result<Page>> page(domain::Credential who, std::size_t limit, usecase::ReadFrom from) override;
  usecase::Async<domain::Result<usecase::Watch>> watch_for_news(domain::Credential who) override;

 private:
  const usecase::ReadNotifications& read_;
  const usecase::WatchNotifications& watch_;
  std::optional<domain::MergedCursor> after_;
  std::optional<domain::Position> seen_;
  std::optional<domain::MergedCursor> next_;  // after the last page
};

}  // namespace danwa::adapters
