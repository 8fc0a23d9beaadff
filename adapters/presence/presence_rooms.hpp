#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/delivery/frame.hpp"
#include "usecase/ports/presence.hpp"

namespace danwa::adapters {

/// The conversations that are watched on this node, and when to show their watchers who is there: at once
/// when it was quiet, else together with what follows within the pause. Plain. Owned by: one PresenceHub.
class PresenceRooms {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kPause{250};         ///< between two frames of a conversation
  static constexpr std::chrono::milliseconds kCrowdPause{1'000};  ///< the same where more than kCrowd are
  static constexpr std::size_t kCrowd = 1'000;

  /// One more watch here, by a person or by nobody, one less.
  void open(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person);
  void close(const domain::ChannelKey& channel);

  /// Somebody came or went there. Means nothing where nobody watches.
  void change(const domain::ChannelKey& channel, Time now);

  /// Takes the conversations whose frame is due.
  std::vector<domain::ChannelKey> take_due(Time now);
  std::optional<Time> next_due() const;

  /// `frame` is what is to be seen now, made of `page`. False: the same was shown already, nobody watches any
  /// more, or there never was anybody but the one person who watches here.
  bool show(const domain::ChannelKey& channel, const FramePtr& frame, const usecase::Presence::Page& page, Time now);

  /// What was shown last; null: nothing yet.
  FramePtr shown(const domain::ChannelKey& channel) const;

 private:
  struct Room {
    std::size_t watches = 0;
    std::optional<domain::UserId> only;  // whose they all are; absent: not one person's
    bool told = false;                   // something was shown
    Time quiet_after{};                  // the next frame not before
    std::optional<Time> due;             // of the frame that waits
    FramePtr shown;
  };

  std::unordered_map<domain::ChannelKey, Room> rooms_;
  std::set<std::pair<Time, domain::ChannelKey>> due_;
};

}  // namespace danwa::adapters
