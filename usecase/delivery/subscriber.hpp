#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "usecase/delivery/figures.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::delivery {

/// Bounds of a watch. With small ones a test reaches every edge with few updates.
struct WatchBounds {
  std::uint8_t slots = 16;  ///< updates in each sliding buffer, at most SlidingBuffer::kCapacity
  std::uint8_t batch = 16;  ///< most frames in one hand-over, most updates on one page
};

/// Keeps back the updates of a conversation from a watcher who may have lost access. Access was granted as of a place
/// in the log. An update that may revoke it still goes out; those behind it wait until access was checked again, at
/// that place or later. An update that the gate has not seen counts as one that may revoke. No clock, no thread. Owned
/// by: one Subscriber.
class AccessGate {
 public:
  explicit AccessGate(usecase::AccessGuard guard);

  const usecase::AccessGuard& guard() const { return guard_; }

  /// Whether the update `seq` may go out.
  bool admits(domain::Seq seq) const { return seq <= open_through_; }

  /// Whether no update since the last check may have revoked access.
  bool settled() const { return revoking_ <= cleared_ && open_through_ != 0; }

  /// The log's head was found: the updates between it and the last check were not announced. A check in another log is
  /// void.
  void started(const domain::Epoch& epoch, domain::Seq head);

  /// The watcher continues at `next`. The updates that it skipped never go out, and one of them may have revoked
  /// access.
  void skipped_to(domain::Seq next);

  /// The log was replaced: earlier checks are void, and nothing goes out before a new one.
  void restarted();

  void announced(const Frame& frame);
  void handed_out(const Frame& frame);

  /// The number of the check to ask for now; nullopt if none is needed, or one runs. `next` is the next update for the
  /// transport. `waits`: the gate keeps something from it.
  std::optional<std::uint32_t> question(domain::Seq next, bool transport_ready, bool waits);

  /// Whether this check runs: its answer counts.
  bool awaits(std::uint32_t check) const { return asked_ && check == checks_; }

  /// False: access has ended. An answer from another log is ignored, and the next `question` asks again.
  bool answer(const usecase::AccessCheck::Answer& answer);

 private:
  friend struct Exploration;
  void join_run();

  usecase::AccessGuard guard_;
  domain::Epoch looked_up_in_;  // the log of the last check; empty: not known
  domain::Epoch started_in_;    // the log that is watched; empty: not known yet
  domain::Seq open_through_;    // updates up to here may go out; 0: none before a check
  domain::Seq cleared_;         // access was checked at this place of the log
  domain::Seq run_first_;       // the newest announced updates, without a hole,
  domain::Seq run_last_;        // none of which may revoke; empty: run_first_ == run_last_ + 1
  domain::Seq revoking_ = 0;    // the last update that may revoke: seen, or skipped
  domain::Seq unseen_ = 0;      // the last update that was not announced
  std::uint32_t checks_ = 0;    // asked for so far
  bool asked_ = false;          // the last of them runs
};

/// The newest announced updates of one channel: a contiguous run of at most `limit`. Owned by one subscriber.
class SlidingBuffer {
 public:
  static constexpr std::size_t kCapacity = 16;

  explicit SlidingBuffer(std::uint8_t limit = kCapacity) : limit_{limit} {}

  enum class Push {
    added,
    slid,       ///< added; the oldest slid out
    restarted,  ///< added after a hole: the earlier ones are gone
    duplicate,  ///< at or below the last: ignored
  };
  Push push(const FramePtr& frame);

  /// Puts the newest of `frames` (ascending, without holes) before the first, if they continue it, and as many as fit.
  /// An empty buffer takes the newest ones as they are.
  void prepend(std::span<const FramePtr> frames);

  /// Moves the oldest, at most `limit`, to the end of `out`.
  void take(std::size_t limit, FrameBatch& out);

  void drop_below(domain::Seq seq);
  void clear();

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == limit_; }
  std::size_t size() const { return size_; }
  domain::Seq first() const { return at(0)->seq(); }         ///< must not be empty
  domain::Seq last() const { return at(size_ - 1)->seq(); }  ///< must not be empty
  const FramePtr& at(std::size_t index) const { return slots_[(start_ + index) % kCapacity]; }

 private:
  friend struct Exploration;
  FramePtr pop();

  std::array<FramePtr, kCapacity> slots_;  // empty slots hold null
  std::size_t start_ = 0;
  std::size_t size_ = 0;
  std::uint8_t limit_;  // at most kCapacity
};

/// The place of one channel in a watch, and the frames of it that wait. It accepts announced updates in any order,
/// twice or never, and gives out next_seq, next_seq + 1 ... and nothing else. It asks for missing updates as pages, or
/// reports them as missed (`latest`). No clock, no thread. Owned by: one Subscriber.
///
/// Keeps at most 16 pointers, a cursor, one request and the latest ephemeral frame. With a gate, nothing goes out or is
/// read that the gate does not admit.
class ChannelReader {
 public:
  ChannelReader(usecase::WatchedChannel watched, usecase::Delivery delivery, WatchBounds bounds);

  const domain::ChannelKey& channel() const { return channel_; }
  bool started() const { return started_; }
  const domain::Epoch& epoch() const { return epoch_; }   ///< of the log that it reads; empty before the start
  domain::Seq position() const { return next_seq_ - 1; }  ///< all up to here has gone out; once started
  bool reading() const { return reading_.has_value(); }   ///< a page was asked for
  bool ring_full() const { return buffer_.full(); }

  /// Nothing is missing before the buffer's first.
  bool live() const { return started_ && (buffer_.empty() ? next_seq_ > known_head_ : buffer_.first() == next_seq_); }

  /// The log's head was found. With `reset` the updates that the client has are void. False: it has started already.
  bool start(const domain::Epoch& epoch, domain::Seq head, bool reset);

  /// The log was replaced: everything held is void. `start` follows.
  void restart();

  /// True, once, when the client must get a Reset.
  bool take_reset() { return std::exchange(reset_due_, false); }
  bool reset_due() const { return reset_due_; }

  /// Notes that the update exists. False: it has gone out already.
  bool hear(domain::Seq seq);
  SlidingBuffer::Push push(const FramePtr& frame) { return buffer_.push(frame); }
  void redact(const domain::CommentId& comment, domain::Seq before = domain::kMaxSeq) const;

  /// The answer to `next_page`; one to an earlier request is ignored. True: `take_page` must follow for its frames.
  bool answer(const Page& page);

  /// Appends the frames that continue the position to `out`, until it holds a batch.
  void take_page(std::span<const FramePtr> frames, FrameBatch& out, AccessGate* gate);

  /// The same for the buffer. A `latest` watcher first gets the range that it missed. Returns the size of that range.
  domain::Seq take_waiting(FrameBatch& out, AccessGate* gate, const FrameEncoder& encoder);

  /// The page to read now; nullopt if nothing is missing, or a page was asked for.
  std::optional<PageRequest> next_page(const AccessGate* gate);

  /// Whether the gate keeps an update from the transport.
  bool kept_back_by(const AccessGate& gate) const;

  /// An ephemeral frame replaces an earlier one. False: ignored, because the reader has not started.
  bool keep(const FramePtr& ephemeral);
  FramePtr take_ephemeral() { return std::exchange(ephemeral_, nullptr); }
  bool has_ephemeral() const { return ephemeral_ != nullptr; }
  bool idle() const { return live() && buffer_.empty(); }  ///< no update waits

 private:
  friend struct Exploration;
  void start_over(domain::Seq head);
  domain::Seq coming() const { return latest() && !buffer_.empty() ? buffer_.first() : next_seq_; }
  void take_admitted(FrameBatch& out, AccessGate& gate);
  bool latest() const { return delivery_ == usecase::Delivery::latest; }

  domain::ChannelKey channel_;
  std::optional<domain::Seq> after_;  // the client's cursor; absent: start at the head
  domain::Epoch epoch_;
  domain::Seq next_seq_ = 0;    // the next number that the socket must receive
  domain::Seq known_head_ = 0;  // the highest number that anybody has named
  SlidingBuffer buffer_;        // the newest announced updates
  FramePtr ephemeral_;          // the latest that has not gone out
  std::optional<PageRequest> reading_;
  std::uint32_t requests_ = 0;  // pages asked for so far
  usecase::Delivery delivery_;
  std::uint8_t batch_;       // most frames in one hand-over, most updates on one page
  bool started_ = false;     // next_seq_ is known
  bool reset_due_ = false;   // the client must get a Reset
  bool ask_master_ = false;  // the last page of a replica ended too early
};

/// The state machine behind every live connection. It has a reader per watched channel, which keeps the order of the
/// channel, and one transport, which takes a batch whenever it is ready. The channels take turns, in batches and in
/// pages, so none keeps another waiting. No clock, no thread: every event returns the work that it leads to. Owned by:
/// one subscriber actor.
///
/// A slot names a channel: its place in the watch. One page is read at a time. It goes straight to the waiting
/// transport; if updates of other channels have kept the transport busy meanwhile, the page waits here. In a guarded
/// watch nothing goes out that the AccessGate does not admit.
class Subscriber {
 public:
  static constexpr std::size_t kBatch = WatchBounds{}.batch;  ///< most frames in one hand-over

  /// The work that an event leads to; at most one of each kind.
  struct Outcome {
    FrameBatch deliver;                   ///< not empty: hand these to the transport
    std::optional<PageRequest> read;      ///< ask the router of the channel for this page
    std::optional<std::uint32_t> check;   ///< check `guard()`; `access` gets this number with the answer
    std::optional<WatchCloseReason> end;  ///< the watch is over
  };

  /// `node` (its name), `encoder` and `figures` must outlive this.
  Subscriber(usecase::Watch watch, const std::string& node, const FrameEncoder& encoder, DeliveryFigures& figures,
             WatchBounds bounds = {});
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  /// The router has found the log's head. With `reset` the updates that the client has are void, and it gets a Reset.
  Outcome started(const domain::Epoch& epoch, domain::Seq head, bool reset, Slot slot = 0);

  /// The log was replaced: everything held of the channel is void. `started` follows.
  Outcome restarted(Slot slot = 0);

  /// Frames of one channel: updates, or an ephemeral frame, which goes out when no update waits.
  Outcome announced(std::span<const FramePtr> frames);
  Outcome page(const Page& page, Slot slot = 0);

  /// The log could not be read for too long.
  Outcome log_unavailable();

  /// The answer to a check of access; nullopt: it could not be checked for too long.
  Outcome access(std::uint32_t check, const std::optional<usecase::AccessCheck::Answer>& answer);
  const usecase::AccessGuard& guard() const { return gate_->guard(); }  ///< of a guarded watch

  /// The transport can take a batch.
  Outcome ready();

  /// Whether `ready` may lead to something now. While it may not, the transport need not send a message.
  bool waits_for_transport() const;

 private:
  friend struct Exploration;
  ChannelReader* find(const domain::ChannelKey& channel);
  AccessGate* gate_of(std::size_t slot) const { return slot == 0 ? gate_.get() : nullptr; }
  void skip(Slot slot);
  Outcome end(WatchCloseReason reason);
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
  FrameBatch held_;                     // the page that came while the transport was busy
  Slot held_slot_ = 0;                  // the channel of held_
  Slot turn_ = 0;                       // the channel that comes first in the next batch
  Slot page_turn_ = 0;                  // the channel that may ask for the next page first
  std::uint8_t batch_;                  // most frames in one hand-over
  bool merged_;
  bool aligned_ = false;      // all have started, in the same epoch: their positions are one cursor
  bool ephemerals_ = false;   // some reader keeps one
  bool say_watching_ = true;  // the first frame of the watch is still to come
  bool transport_ready_ = false;
  bool ended_ = false;
  bool shown_live_ = false;  // counted in watchers_live, else in watchers_behind
};

/// Carries "the transport can take a batch" to the subscriber. Mostly the subscriber has nothing to send then, and a
/// message would wake an actor for nothing. So the transport leaves a mark, which the actor finds with its next event,
/// and sends a message only if the actor has said that it waits. Each side writes its own mark, then reads the other's
/// (as in Dekker's algorithm, sequentially consistent), so at least one of them sees both. `raise` is called from any
/// thread, once per batch; `take` and `wait` by the actor.
class ReadySignal {
 public:
  /// The transport is ready. True: send the actor a message.
  bool raise() {
    ready_.store(true);
    return waits_.exchange(false);
  }

  /// Whether the transport has become ready since the last time that this was true.
  bool take() { return ready_.load(std::memory_order_relaxed) && ready_.exchange(false); }

  /// The actor has something for the transport. False: a message comes when it is ready. True: it is ready, as with
  /// `take`.
  bool wait() {
    waits_.store(true);
    if (!ready_.exchange(false)) return false;
    waits_.store(false);
    return true;
  }

 private:
  std::atomic<bool> ready_{false};
  std::atomic<bool> waits_{false};
};

/// Runs `event(subscriber)`, and `ready` if the transport became ready before or during it. `act(outcome)` carries out
/// each outcome. For the message that follows a `wait` the event is `no_event`.
template <class Event, class Act>
void take_event(Subscriber& subscriber, ReadySignal& transport, Event event, Act act) {
  if (transport.take()) act(subscriber.ready());
  act(event(subscriber));
  while (subscriber.waits_for_transport() && transport.wait()) act(subscriber.ready());
}

inline Subscriber::Outcome no_event(Subscriber& /*subscriber*/) { return {}; }

}  // namespace danwa::delivery
