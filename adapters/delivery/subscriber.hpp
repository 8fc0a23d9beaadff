#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/delivery/access_gate.hpp"
#include "adapters/delivery/channel_reader.hpp"
#include "adapters/delivery/figures.hpp"
#include "adapters/delivery/frame.hpp"
#include "adapters/delivery/page.hpp"
#include "adapters/delivery/update_feed.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::adapters {

/// The state machine behind every live connection (DESIGN section 5): a reader per watched channel, which
/// keeps the channel's order, and the door that they share, which takes a batch whenever it is ready. The
/// channels have their turns, in batches and in pages, so none can keep another waiting. Plain, driven by
/// events; every event answers with what is to be done. Owned by: one subscriber actor.
///
/// A channel is named by its slot, its place in the watch. One page is read at a time: it goes straight to
/// the door that waits for it; where other channels' updates kept the door busy meanwhile, it waits here.
/// Where the watch is guarded, nothing goes out that an AccessGate does not admit.
class Subscriber {
 public:
  static constexpr std::size_t kBatch = ChannelReader::kBatch;  ///< most frames in one hand-over

  /// What an event leads to; at most one of each.
  struct Outcome {
    FrameBatch deliver;                  ///< not empty: hand these to the door
    std::optional<PageRequest> read;     ///< ask the router of the channel for this page
    std::optional<std::uint32_t> check;  ///< look up `guard()`; `access` gets this number with the answer
    std::optional<WatchEnd> end;         ///< the watch is over
  };

  /// `node` (its name), `encoder` and `figures` must outlive this.
  Subscriber(usecase::Watch watch, const std::string& node, const FrameEncoder& encoder, DeliveryFigures& figures);
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  /// The router has found the log's head. With `reset` what the door saw is worth nothing: it is told.
  Outcome started(const domain::Epoch& epoch, domain::Seq head, bool reset, Slot slot = 0);

  /// The log was replaced: everything held of the channel is void, `started` follows.
  Outcome restarted(Slot slot = 0);

  /// All of one channel: updates, or an ephemeral frame, which goes out when no update waits.
  Outcome announced(std::span<const FramePtr> frames);
  Outcome page(const Page& page, Slot slot = 0);

  /// The log could not be read for too long.
  Outcome log_unavailable();

  /// Whether the watcher still has the right; nothing: it could not be looked up for too long.
  Outcome access(std::uint32_t check, const std::optional<usecase::AccessCheck::Answer>& answer);
  const usecase::AccessGuard& guard() const { return gate_->guard(); }  ///< of a guarded watch

  /// The door can take a batch.
  Outcome ready();

  /// Whether `ready` may lead to something now. While it does not, there is no hurry to tell.
  bool waits_for_door() const;

 private:
  ChannelReader* find(const domain::ChannelKey& channel);
  AccessGate* gate_of(std::size_t slot) const { return slot == 0 ? gate_.get() : nullptr; }
  void skip(Slot slot);
  Outcome end(WatchEnd reason);
  void accept(ChannelReader& reader, const FramePtr& frame, Outcome& out);
  void align();
  void pump(Outcome& out);
  void say_position(FrameBatch& out);
  void take_waiting(FrameBatch& out);
  void take_held(FrameBatch& out);
  void take_ephemerals(FrameBatch& out);
  void request_page(Outcome& out);
  void ask(Outcome& out);
  void hand_over(Outcome& out);
  void show_status();

  const std::string& node_;
  const FrameEncoder& encoder_;
  DeliveryFigures& figures_;
  std::vector<ChannelReader> readers_;  // by slot
  std::unique_ptr<AccessGate> gate_;    // of the first channel, when the watch is guarded
  FrameBatch held_;                     // the page that came while the door was busy
  Slot held_slot_ = 0;                  // whose it is
  Slot turn_ = 0;                       // who comes first in the next batch
  Slot page_turn_ = 0;                  // whose page is read next
  bool merged_;
  bool aligned_ = false;      // all have started, in the same epoch: their positions are one cursor
  bool ephemerals_ = false;   // some reader keeps one
  bool say_watching_ = true;  // the first frame of the watch is still to come
  bool door_ready_ = false;
  bool ended_ = false;
  bool shown_live_ = false;  // counted in watchers_live, else in watchers_behind
};

}  // namespace danwa::adapters
