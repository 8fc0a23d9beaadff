#pragma once

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "explore_client.hpp"
#include "usecase/delivery/router_table.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::exploration {

using delivery::Exploration;
using delivery::Time;

constexpr std::size_t kClients = 2;

/// What an exploration is about.
struct Scenario {
  std::array<Role, kClients> roles;
  std::size_t updates = 4;
  delivery::WatchBounds bounds{2, 2};

  /// A node knows the present log from its start.
  delivery::RouterTable::Options table(const Log& log) const {
    delivery::RouterTable::Options options;
    options.epoch = Log::name(log.present().epoch);
    options.tail = {.frames = bounds.slots, .always = bounds.slots};
    options.page = bounds.batch;
    options.replicas = true;
    return options;
  }
};

inline delivery::DeliveryFigures figures;  // nobody reads them
inline const std::string kNode = "n";

/// A message of the router to a subscriber.
using ToSubscriber = std::variant<delivery::FrameBatch, delivery::StartWatch, delivery::RestartWatches, delivery::Page,
                                  delivery::CloseWatch>;

/// A client with its connection to the node, if it has one.
struct Connection {
  Client client;
  bool here = false;
  bool elsewhere = false;  ///< it went to the other node

  std::shared_ptr<delivery::ExploredRegistration> registration;
  std::unique_ptr<delivery::Subscriber> subscriber;
  bool ready = false;    ///< the mark of the ReadySignal
  bool waits = false;    ///< the other mark
  bool writing = false;  ///< the transport has a batch
  bool slow = false;     ///< and does not get rid of it
  bool stalled = false;  ///< its actor does not run
  std::list<ToSubscriber> inbox;
  std::vector<delivery::PageRequest> late;  ///< requests on a slow way to the router
  std::uint32_t check = 0;                  ///< of access, under way; 0: none
  Log::Moment check_since = 0;
  bool check_late = false;
};

/// A read of the log under way.
struct Reading {
  delivery::ReadToken token = 0;
  bool head = false;
  Seq first = 0;
  Seq last = 0;
  std::size_t limit = 0;
  usecase::ReadFrom from = usecase::ReadFrom::replica;
  Log::Moment since = 0;
  bool late = false;
};

struct Node {
  std::unique_ptr<delivery::RouterTable> table;
  Time now{};
  std::vector<delivery::FramePtr> bus;    ///< updates on their way, in order
  std::vector<delivery::FramePtr> loose;  ///< updates that may come at any time
  std::vector<Reading> reads;             ///< under way, in their order
  std::uint8_t tail_epoch = 255;          ///< what the tail of the log has told; 255: nothing
  Seq tail_head = 0;
  bool watched = false;  ///< as the bus was told
};

/// What disturbs a step: the `nth` message to `client`, hand-over to it, request or check of it, or the `nth` read.
struct Disturbance {
  enum class Kind : std::uint8_t {
    none,
    stall,       ///< the subscriber does not run from here on
    slow,        ///< the transport does not get rid of this batch
    late,        ///< the request takes long to the router
    late_check,  ///< the check takes long
    late_read,   ///< the read takes long
    short_read,  ///< the read shows an earlier moment, or a part of its page
  };
  Kind kind = Kind::none;
  std::uint8_t client = 0;
  std::uint8_t nth = 0;
  Log::Moment moment = 0;
  std::uint8_t most = 0;  ///< updates on the page; 0: as asked
};

/// What a step has done that could have been disturbed.
struct Counts {
  /// A read that was answered.
  struct Answered {
    bool may_lag = false;  ///< it asked a replica
    Log::Moment since = 0;
    std::uint8_t found = 0;  ///< updates on its page
  };
  static constexpr std::size_t kMostReads = 10;

  std::array<std::array<std::uint8_t, 7>, kClients> of{};  ///< by client and kind
  std::array<Answered, kMostReads> reads{};
  std::uint8_t reads_done = 0;
};

}  // namespace danwa::exploration
