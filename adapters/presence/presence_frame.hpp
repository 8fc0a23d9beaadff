#pragma once

#include "adapters/delivery/frame.hpp"
#include "usecase/ports/presence.hpp"

namespace danwa::adapters {

/// The largest number of names in a `presence-changed` frame. Its count includes everybody.
inline constexpr std::size_t kPresenceNames = 50;

/// `presence-changed {conversationKey, count, users}`: the complete state, so each frame replaces the one before.
/// Ephemeral: it has no seq. `page` must start at the first name.
FramePtr encode_presence(const domain::ChannelKey& conversation, const usecase::Presence::Page& page);

/// Whether `encode_presence` made the frame.
bool is_presence(const Frame& frame);

}  // namespace danwa::adapters
