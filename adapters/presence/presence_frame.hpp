#pragma once

#include "adapters/delivery/frame.hpp"
#include "usecase/ports/presence.hpp"

namespace danwa::adapters {

/// Most names in a `presence-changed` frame; its count is of all.
inline constexpr std::size_t kPresenceNames = 50;

/// `presence-changed {conversationKey, count, users}`: all that is to be known, so that each replaces the one
/// before. Ephemeral: without seq. `page` starts at the first name.
FramePtr encode_presence(const domain::ChannelKey& conversation, const usecase::Presence::Page& page);

/// Whether `encode_presence` made it.
bool is_presence(const Frame& frame);

}  // namespace danwa::adapters
