#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "adapters/protocol/graphql/subscription.hpp"
#include "domain/channel/cursor.hpp"
#include "usecase/delivery/frame.hpp"

namespace danwa::adapters::graphql {

/// One frame for a subscription to a conversation, as the schema's ConversationUpdate. `cursor` is the place behind it.
nlohmann::json update_value(const delivery::FrameContent& content, const domain::Cursor& cursor);

/// One update of an inbox, as the schema's Notification.
nlohmann::json notification_value(const domain::ChannelKey& channel, const domain::NotificationAdded& added,
                                  domain::Seq seq, domain::Timestamp at, const domain::MergedCursor& cursor);

/// The latest answers to subscriptions of this node, so that a frame is rendered once for all that have the same
/// selection. Keeps kEntries answers; the oldest goes first. Thread safe.
class EventCache {
 public:
  using Text = std::shared_ptr<const std::string>;
  static constexpr std::size_t kEntries = 64;

  /// Null: not kept.
  Text find(const delivery::FramePtr& frame, std::string_view fingerprint) const {
    const std::lock_guard lock{mutex_};
    for (const auto& entry : entries_) {
      if (entry.frame == frame && entry.fingerprint == fingerprint) return entry.text;
    }
    return nullptr;
  }

  void keep(delivery::FramePtr frame, std::string_view fingerprint, Text text) {
    Entry entry{std::move(frame), std::string{fingerprint}, std::move(text)};
    const std::lock_guard lock{mutex_};
    std::swap(entries_[next_], entry);
    next_ = (next_ + 1) % kEntries;
  }

 private:
  struct Entry {
    delivery::FramePtr frame;
    std::string fingerprint;
    Text text;
  };

  mutable std::mutex mutex_;  // connections of all io threads share the answers; held for one pass over the entries
  std::array<Entry, kEntries> entries_;
  std::size_t next_ = 0;
};

/// Turns the frames of one watch, in their order, into the answers of one subscription. Owned by: the
/// subscription's connection.
class EventWriter {
 public:
  /// `subscription` and `cache` outlive this.
  EventWriter(const Subscription& subscription, EventCache& cache) : subscription_{subscription}, cache_{cache} {}

  /// The answer as JSON text; null: the subscription has none for this frame. A failure ends the subscription (`reset`:
  /// `after` belongs to another log than the inboxes now have).
  Outcome<std::shared_ptr<const std::string>> write(const delivery::FramePtr& frame);

 private:
  Outcome<std::shared_ptr<const std::string>> write_update(const delivery::FramePtr& frame);
  Outcome<std::shared_ptr<const std::string>> write_notification(const delivery::Frame& frame);
  std::shared_ptr<const std::string> render(const nlohmann::json& event) const;
  void take_position(const delivery::Frame& frame);

  const Subscription& subscription_;
  EventCache& cache_;
  domain::Cursor position_;       // of a conversation
  domain::MergedCursor inboxes_;  // of notifications
};

}  // namespace danwa::adapters::graphql
