#pragma once

#include <cstdint>

#include "adapters/delivery/frame.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::adapters {

/// The place of a channel in its watch.
using Slot = std::uint16_t;

/// A subscriber asks for the updates [first, last] of its channel, at most 16 of them.
struct PageRequest {
  std::uint32_t id = 0;  ///< echoed, tells this request from earlier ones
  domain::Seq first = 0;
  domain::Seq last = 0;
  usecase::ReadFrom from = usecase::ReadFrom::replica;
  Slot slot = 0;  ///< of the channel, for the subscriber's own use
};

enum class PageSource : std::uint8_t { cache, replica, master };

/// The answer: updates from the first one asked for on, ascending, without holes.
struct Page {
  std::uint32_t request = 0;
  domain::Seq last = 0;  ///< how far the source looked; frames that end earlier: it holds no more
  domain::Seq head = 0;  ///< of the channel, as the source saw it
  PageSource source = PageSource::cache;
  FrameBatch frames;
};

}  // namespace danwa::adapters
