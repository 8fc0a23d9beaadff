#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "adapters/delivery/page.hpp"
#include "adapters/delivery/registration.hpp"

namespace danwa::adapters {

/// Names a read of the log that is under way.
using ReadToken = std::uint64_t;

/// Announce these updates, in order, or this ephemeral frame, to all of `to`.
struct Announce {
  const std::vector<RegistrationPtr>* to;  ///< valid until the table's next event
  FrameBatch frames;
};

/// The watch starts at this position of the log (again, after a Restart).
struct StartWatch {
  RegistrationPtr to;
  domain::Epoch epoch;
  domain::Seq head = 0;
  bool reset = false;  ///< its cursor is worth nothing: load afresh
};

/// The log was replaced: whatever `to` hold is void; a StartWatch follows for each.
struct RestartWatches {
  const std::vector<RegistrationPtr>* to;  ///< valid until the table's next event
};

struct GivePage {
  RegistrationPtr to;
  Page page;
};

/// The log could not be read for too long: end the watch.
struct EndWatch {
  RegistrationPtr to;
};

/// The channel has its first watcher on this node now.
struct ChannelWatched {
  domain::ChannelKey channel;
};

/// The last watcher of the channel on this node has gone.
struct ChannelUnwatched {
  domain::ChannelKey channel;
};

/// Read the channel's head; answer by `RouterTable::on_head`.
struct ReadHead {
  ReadToken token;
  domain::ChannelKey channel;
  usecase::ReadFrom from;
};

/// Read at most `limit` of the updates [first, last]; answer by `RouterTable::on_updates`.
struct ReadUpdateRange {
  ReadToken token;
  domain::ChannelKey channel;
  domain::Seq first = 0;
  domain::Seq last = 0;
  std::size_t limit = 0;
  usecase::ReadFrom from;
};

using RouterEffect = std::variant<Announce, StartWatch, RestartWatches, GivePage, EndWatch, ChannelWatched,
                                  ChannelUnwatched, ReadHead, ReadUpdateRange>;

/// What a ReadUpdateRange found.
struct LogPage {
  FrameBatch frames;  ///< ascending, without holes, from the first asked for
  domain::Seq head = 0;
  domain::Epoch epoch;
};

}  // namespace danwa::adapters
