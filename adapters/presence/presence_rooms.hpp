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

/// The conversations that are watched on this node, and the time of their next presence frame: at once after a quiet
/// pause, else at the end of the pause, together with all changes until then. No clock, no thread. Owned by: one
/// PresenceHub.
class PresenceRooms {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kPause{250};         ///< between two frames of a conversation
  static constexpr std::chrono::milliseconds kCrowdPause{1'000};  ///< the same if more than kCrowd people are present
  static constexpr std::size_t kCrowd = 1'000;

  /// A watch begins, of a person or without one; a watch ends.
  void open(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person);
  void close(const domain::ChannelKey& channel);

  /// A person came or left. Ignored if the conversation is not watched on this node.
  void change(const domain::ChannelKey& channel, Time now);

  /// Takes the conversations whose frame is due.
  std::vector<domain::ChannelKey> take_due(Time now);
  std::optional<Time> next_due() const;

  /// Whether to send `frame`, made of `page`. False: it equals the last one, the conversation is not watched any more,
  /// or only the one person who watches here was ever present.
  bool show(const domain::ChannelKey& channel, const FramePtr& frame, const usecase::Presence::Page& page, Time now);

  /// The last frame; null: none yet.
  FramePtr shown(const domain::ChannelKey& channel) const;

 private:
  struct Room {
    std::size_t watches = 0;
    std::optional<domain::UserId> only;  // the person of all watches; absent: several persons, or none
    bool told = false;                   // a frame was sent
    Time quiet_after{};                  // the earliest time of the next frame
    std::optional<Time> due;             // the time of the planned frame
    FramePtr shown;
  };

  std::unordered_map<domain::ChannelKey, Room> rooms_;
  std::set<std::pair<Time, domain::ChannelKey>> due_;
};

}  // namespace danwa::adapters
