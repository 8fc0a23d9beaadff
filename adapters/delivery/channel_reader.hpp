#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "adapters/delivery/access_gate.hpp"
#include "adapters/delivery/frame.hpp"
#include "adapters/delivery/page.hpp"
#include "adapters/delivery/sliding_buffer.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::adapters {

/// How far one channel of a watch was handed out, and what of it waits (DESIGN section 5). It accepts
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

}  // namespace danwa::adapters
