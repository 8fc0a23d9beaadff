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

/// Keeps the updates of a conversation from somebody who may have lost the right to see them. An update
/// that may shut its watcher out still goes out itself; what lies behind it waits until the right was looked
/// up again, at that update's place in the log or later. What was never looked at, because it was neither
/// announced nor handed out, counts as if it might shut out. Plain. Owned by: one Subscriber.
class AccessGate {
 public:
  explicit AccessGate(usecase::AccessGuard guard);

  const usecase::AccessGuard& guard() const { return guard_; }

  /// Whether the update `seq` may be handed out.
  bool admits(domain::Seq seq) const { return seq <= open_through_; }

  /// Whether nothing says that the right has ended.
  bool settled() const { return revoking_ <= cleared_ && open_through_ != 0; }

  /// The log's head was found: what lies between it and the last look was not announced. What was looked up
  /// in another log holds no more.
  void started(const domain::Epoch& epoch, domain::Seq head);

  /// The door goes on at `next`: what it skipped may have shut out, and is never handed out.
  void skipped_to(domain::Seq next);

  /// The log was replaced: nothing that was looked up holds any more.
  void restarted();

  void announced(const Frame& frame);
  void handed_out(const Frame& frame);

  /// The number of the check to ask for now; nothing when none is needed, or one runs. `next` is the next
  /// update for the door, `waits`: something is kept from it.
  std::optional<std::uint32_t> question(domain::Seq next, bool transport_ready, bool waits);

  /// Whether an answer to this check is waited for.
  bool awaits(std::uint32_t check) const { return asked_ && check == checks_; }

  /// False: the right has ended. An answer out of another log means nothing: the next `question` asks again.
  bool answer(const usecase::AccessCheck::Answer& answer);

 private:
  void join_run();

  usecase::AccessGuard guard_;
  domain::Epoch looked_up_in_;  // the log of the last look; empty: not known
  domain::Epoch started_in_;    // the log that is watched; empty: not known yet
  domain::Seq open_through_;    // updates up to here may be handed out; 0: none before a check
  domain::Seq cleared_;         // at this place of the log the right was looked up
  domain::Seq run_first_;       // the newest announced updates, without a hole,
  domain::Seq run_last_;        // none of which may shut out; empty: run_first_ == run_last_ + 1
  domain::Seq revoking_ = 0;    // the last update that may shut out: seen so, or skipped
  domain::Seq unseen_ = 0;      // the last update that was not announced
  std::uint32_t checks_ = 0;    // asked for so far
  bool asked_ = false;          // the last of them runs
};

/// The newest announced updates of one channel: a contiguous run of at most 16. Owned by one subscriber.
class SlidingBuffer {
 public:
  static constexpr std::size_t kCapacity = 16;

  enum class Push {
    added,
    slid,       ///< added; the oldest slid out
    restarted,  ///< added after a hole: what was in is gone
    duplicate,  ///< at or below the last: ignored
  };
  Push push(const FramePtr& frame);

  /// Puts the newest of `frames` (ascending, without holes) before the first as far as they join it and
  /// fit; into an empty buffer, as they are.
  void prepend(std::span<const FramePtr> frames);

  /// Moves the oldest, at most `limit`, to the end of `out`.
  void take(std::size_t limit, FrameBatch& out);

  void drop_below(domain::Seq seq);
  void clear();

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == kCapacity; }
  std::size_t size() const { return size_; }
  domain::Seq first() const { return at(0)->seq(); }         ///< must not be empty
  domain::Seq last() const { return at(size_ - 1)->seq(); }  ///< must not be empty
  const FramePtr& at(std::size_t index) const { return slots_[(start_ + index) % kCapacity]; }

 private:
  FramePtr pop();

  std::array<FramePtr, kCapacity> slots_;  // empty slots hold null
  std::size_t start_ = 0;
  std::size_t size_ = 0;
};

/// How far one channel of a watch was handed out, and what of it waits. It accepts
/// announced updates in any order, twice or never, and gives out next_seq, next_seq + 1 ... and nothing else;
/// what is missing it wants as pages, or tells as missed (`latest`). Plain. Owned by: one Subscriber.
///
/// Keeps at most 16 pointers, a cursor, one request and the latest ephemeral frame. Where a gate is given,
/// nothing that it does not admit is given out or read.
class ChannelReader {
 public:
  static constexpr std::size_t kBatch = 16;  ///< most frames in one hand-over, most updates on one page

  ChannelReader(usecase::WatchedChannel watched, usecase::Delivery delivery);

  const domain::ChannelKey& channel() const { return channel_; }
  bool started() const { return started_; }
  const domain::Epoch& epoch() const { return epoch_; }   ///< of the log that it reads; empty before the start
  domain::Seq position() const { return next_seq_ - 1; }  ///< all up to here was handed out; once started
  bool reading() const { return reading_.has_value(); }   ///< a page was asked for
  bool ring_full() const { return buffer_.full(); }

  /// Nothing is missing before the buffer's first.
  bool live() const { return started_ && (buffer_.empty() ? next_seq_ > known_head_ : buffer_.first() == next_seq_); }

  /// The log's head was found. With `reset` what the door saw is worth nothing. False: it runs already.
  bool start(const domain::Epoch& epoch, domain::Seq head, bool reset);

  /// The log was replaced: everything held is void, `start` follows.
  void restart();

  /// True, once, when the door must be told that it starts over.
  bool take_reset() { return std::exchange(reset_due_, false); }
  bool reset_due() const { return reset_due_; }

  /// Hears of an announced update; false when nobody wants it any more.
  bool hear(domain::Seq seq);
  SlidingBuffer::Push push(const FramePtr& frame) { return buffer_.push(frame); }
  void redact(const domain::CommentId& comment, domain::Seq before = domain::kMaxSeq) const;

  /// The answer to `next_page`, or to an earlier one, which is ignored. True when its frames are wanted:
  /// `take_page` follows.
  bool answer(const Page& page);

  /// Moves what continues the door's position to `out`, up to kBatch frames there.
  void take_page(std::span<const FramePtr> frames, FrameBatch& out, AccessGate* gate);

  /// The same of what waits; a `latest` watcher is told what it missed before it. How many it missed.
  domain::Seq take_waiting(FrameBatch& out, AccessGate* gate, const FrameEncoder& encoder);

  /// The page to read now, if one is missing and none was asked for.
  std::optional<PageRequest> next_page(const AccessGate* gate);

  /// Whether there is something for the door that the gate keeps from it.
  bool kept_back_by(const AccessGate& gate) const;

  /// An ephemeral frame takes the place of an earlier one; nobody wants it before the start.
  bool keep(const FramePtr& ephemeral);
  FramePtr take_ephemeral() { return std::exchange(ephemeral_, nullptr); }
  bool has_ephemeral() const { return ephemeral_ != nullptr; }
  bool idle() const { return live() && buffer_.empty(); }  ///< no update waits

 private:
  void start_over(domain::Seq head);
  domain::Seq coming() const { return latest() && !buffer_.empty() ? buffer_.first() : next_seq_; }
  void take_admitted(FrameBatch& out, AccessGate& gate);
  bool latest() const { return delivery_ == usecase::Delivery::latest; }

  domain::ChannelKey channel_;
  std::optional<domain::Seq> after_;  // where the watch wants to start; absent: at the head
  domain::Epoch epoch_;
  domain::Seq next_seq_ = 0;    // the next number the door must see
  domain::Seq known_head_ = 0;  // the highest number ever heard of
  SlidingBuffer buffer_;        // the newest announced updates
  FramePtr ephemeral_;          // the latest that was not handed out
  std::optional<PageRequest> reading_;
  std::uint32_t requests_ = 0;  // pages asked for so far
  usecase::Delivery delivery_;
  bool started_ = false;     // next_seq_ is known
  bool reset_due_ = false;   // the door is to be told
  bool ask_master_ = false;  // the last page of a replica ended too early
};

/// The state machine behind every live connection: a reader per watched channel, which
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
    FrameBatch deliver;                   ///< not empty: hand these to the door
    std::optional<PageRequest> read;      ///< ask the router of the channel for this page
    std::optional<std::uint32_t> check;   ///< look up `guard()`; `access` gets this number with the answer
    std::optional<WatchCloseReason> end;  ///< the watch is over
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
  bool waits_for_transport() const;

 private:
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
  FrameBatch held_;                     // the page that came while the door was busy
  Slot held_slot_ = 0;                  // whose it is
  Slot turn_ = 0;                       // who comes first in the next batch
  Slot page_turn_ = 0;                  // whose page is read next
  bool merged_;
  bool aligned_ = false;      // all have started, in the same epoch: their positions are one cursor
  bool ephemerals_ = false;   // some reader keeps one
  bool say_watching_ = true;  // the first frame of the watch is still to come
  bool transport_ready_ = false;
  bool ended_ = false;
  bool shown_live_ = false;  // counted in watchers_live, else in watchers_behind
};

/// How a door tells its subscriber that it can take a batch. Mostly the subscriber has nothing for it then, and
/// a message would wake an actor for nothing: the door leaves a mark, which the actor finds with its next event.
/// A message is sent only when the actor has said that it waits. Each side writes its own mark, then looks at
/// the other's (as in Dekker's algorithm, sequentially consistent), so at least one of them sees both.
/// `raise` comes from any thread, once per batch; `take` and `wait` are the actor's.
class ReadySignal {
 public:
  /// The door is ready. True: send the actor a message.
  bool raise() {
    ready_.store(true);
    return waits_.exchange(false);
  }

  /// Whether the door has become ready since the last time that this was true.
  bool take() { return ready_.load(std::memory_order_relaxed) && ready_.exchange(false); }

  /// The actor has something for the door. False: a message comes once it is ready; true: it is, as with `take`.
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

/// An event of the subscriber's, `event(subscriber)`, and what its door has said before it and until its end;
/// `act(outcome)` does what they lead to. For the message of a door that was waited for the event is nothing.
template <class Event, class Act>
void take_event(Subscriber& subscriber, ReadySignal& transport, Event event, Act act) {
  if (transport.take()) act(subscriber.ready());
  act(event(subscriber));
  while (subscriber.waits_for_transport() && transport.wait()) act(subscriber.ready());
}

inline Subscriber::Outcome no_event(Subscriber& /*subscriber*/) { return {}; }

}  // namespace danwa::delivery
