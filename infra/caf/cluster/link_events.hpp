#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "infra/caf/cluster/handshake.hpp"
#include "infra/caf/cluster/link_stream.hpp"

namespace danwa::infra {

/// What CAF's side of the links tells the io thread. Thread safe; enqueues only.
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  virtual void link_up(std::uint64_t link) = 0;
  virtual void link_lost(std::uint64_t link, std::string reason) = 0;
  /// The peer says goodbye; its link goes on.
  virtual void peer_left(std::uint64_t link) = 0;
  virtual void heard_of(std::vector<std::string> addresses) = 0;
};

/// What the io thread asks of CAF's side. Thread safe; enqueues only.
class LinkOwner {
 public:
  virtual ~LinkOwner() = default;

  /// An authenticated connection becomes CAF's; `link_up` or `link_lost` follows.
  virtual void adopt(LinkRole role, std::uint64_t link, int fd) = 0;
  /// Forget it; nothing follows.
  virtual void drop(std::uint64_t link) = 0;
  /// Tell every peer where the others can be dialled.
  virtual void tell_peers(std::string addresses) = 0;
};

}  // namespace danwa::infra
