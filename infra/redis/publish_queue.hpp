#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "adapters/delivery/bus_envelope.hpp"
#include "adapters/delivery/frame.hpp"

namespace danwa::infra {

struct PublishLimits {
  std::size_t messages = 8192;
  std::size_t bytes = 8UL << 20;  ///< bookkeeping included
  std::size_t marks = 256;        ///< channels remembered as incomplete; the log tail finds losses in others
};

/// The messages that wait for Redis; the oldest are dropped first. A dropped update leaves a mark of its channel. Marks
/// are sent first, so the other nodes read the log of that channel. Thread safe: any thread puts, one thread takes.
class PublishQueue {
 public:
  explicit PublishQueue(PublishLimits limits = {}) : limits_{limits} {}

  struct Put {
    bool wake = false;        ///< the caller must wake the taker; true once until `woken`
    std::size_t dropped = 0;  ///< older messages that were dropped for this one, or this one itself
  };
  Put put(adapters::FramePtr frame);  ///< one that holds an update
  Put put(std::string presence);

  void woken();

  using Message = std::variant<adapters::FramePtr, adapters::LookAtLog, std::string>;
  std::optional<Message> take();

  std::size_t bytes() const;

 private:
  struct Waiting {
    Message message;
    std::size_t cost;
  };

  Put put(Waiting waiting, bool sendable);
  void mark(const Message& message);

  PublishLimits limits_;
  mutable std::mutex mutex_;  // held for a few pushes and pops
  std::deque<Waiting> queue_;
  std::set<domain::ChannelKey> marks_;
  std::size_t bytes_ = 0;
  bool told_ = false;
};

}  // namespace danwa::infra
