#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim_log.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::simulation {

/// A client's end of a watch, and the checker of what it is promised: from
/// `watching` on exactly next, next + 1 ... in each channel; a `latest` watcher is told each skipped range
/// once; who lost the right to see a room sees nothing that came after that.
class CheckedTransport {
 public:
  struct Place {
    std::size_t channel;
    std::optional<domain::Cursor> after;
    domain::Seq next = 0;
    std::optional<domain::Seq> wanted{};  ///< the first update must be this one
  };

  CheckedTransport(const Log& log, usecase::Watch watch, Time since)
      : log_{log}, watch_{std::move(watch)}, since_{since}, before_{log.seen_at(since - kNotice).epoch} {
    for (const auto& each : watch_.channels) places_.push_back({Log::index(each.channel), each.after});
  }

  void said_ready() { ready_ = true; }

  /// A batch was handed over.
  void take(const delivery::FrameBatch& batch, Time now) {
    demand(!batch.empty() && batch.size() <= delivery::Subscriber::kBatch, "batch of a wrong size");
    demand(ready_, "a batch without ready");
    ready_ = false;
    for (const auto& frame : batch) take(*frame, now);
  }

  /// The batch is written now: what the client gets to see of it.
  void write(const delivery::FrameBatch& batch, Time now) {
    for (const auto& frame : batch) {
      if (frame->kind() != delivery::FrameKind::update || in_doubt(now)) continue;
      const Row* row = log_.find(*epoch_, Log::index(frame->channel()), frame->seq());
      const bool has_text = delivery::Frame::current(frame)->json().find("secret") != std::string::npos;
      if (row == nullptr || !has_text || !row->removed_at) continue;
      demand(now - *row->removed_at < std::chrono::seconds{1}, "text of a removed or redacted comment", frame->seq());
    }
  }

  /// What the client asks for when it comes again, by way of the cursor's text.
  usecase::Watch again() const {
    usecase::Watch watch = watch_;
    domain::MergedCursor cursor{epoch_.value_or(""), {}};
    for (const auto& place : places_) cursor.seqs.emplace(Log::key(place.channel).local_name(), place.next - 1);
    if (watch.merged && started()) cursor = domain::MergedCursor::parse(cursor.to_string()).value();
    for (auto& each : watch.channels) each.after = started() ? cursor.in(each.channel) : std::nullopt;
    return watch;
  }

  bool started() const { return epoch_.has_value(); }
  const usecase::Watch& watch() const { return watch_; }
  const std::vector<Place>& places() const { return places_; }
  const std::optional<domain::Epoch>& epoch() const { return epoch_; }
  Time since() const { return since_; }

 private:
  void take(const delivery::Frame& frame, Time now) {
    place_ = &place_of(frame.channel());
    switch (frame.kind()) {
      case delivery::FrameKind::watching:
        return take_watching(frame);
      case delivery::FrameKind::reset:
        return take_reset(frame, now);
      case delivery::FrameKind::missed:
        return take_missed(frame);
      case delivery::FrameKind::ephemeral:
        return demand(started(), "an ephemeral frame before watching");
      default:
        return take_update(frame, now);
    }
  }

  void take_watching(const delivery::Frame& frame) {
    demand(!epoch_, "watching twice");
    for (auto& place : places_) {
      place.next = position_in(frame, place) + 1;
      if (place.after) place.wanted = place.after->seq + 1;
    }
  }

  void take_reset(const delivery::Frame& frame, Time now) {
    demand(epoch_.has_value(), "reset before watching");
    const auto& after = place_->after;
    const bool foreign = after && after->epoch && *after->epoch != *epoch_;
    const bool too_far = after && after->seq > log_.seen_at(since_).channels[place_->channel].size();
    const bool replaced = in_doubt(now) || log_.seen_at(now).epoch != before_;
    demand(foreign || too_far || replaced, "reset without a reason");
    place_->next = position_in(frame, *place_) + 1;
    place_->wanted.reset();
  }

  void take_missed(const delivery::Frame& frame) {
    demand(watch_.delivery == usecase::Delivery::latest, "a complete watcher missed updates", frame.seq());
    const auto from = std::get<delivery::UpdatesMissed>(frame.content()).from;
    demand(from == place_->next && frame.seq() >= from, "missed range does not continue", from);
    place_->next = frame.seq() + 1;
    place_->wanted.reset();
  }

  void take_update(const delivery::Frame& frame, Time now) {
    auto& [channel, after, next, wanted] = *place_;
    demand(epoch_.has_value(), "an update before watching");
    if (wanted) demand(next == *wanted, "does not continue the cursor", next);
    wanted.reset();
    demand(frame.seq() == next, "wrong seq", frame.seq());
    ++next;
    if (in_doubt(now)) return;
    const Row* row = log_.find(*epoch_, channel, frame.seq());
    demand(row != nullptr, "an update that the log has not", frame.seq());
    const auto comment = frame.comment() ? *frame.comment() : domain::CommentId{};
    demand(Log::comment_of(row->update) == comment, "another update than the log's", frame.seq());
    if (!watch_.guard) return;
    const auto who = Log::number_of(watch_.guard->user);
    demand(log_.may_see(*epoch_, channel, who, frame.seq()), "an update for somebody shut out", frame.seq());
  }

  /// The log was replaced and this watcher was not told yet.
  bool in_doubt(Time now) const { return log_.seen_at(now).epoch != *epoch_; }

  /// Learns the epoch, too.
  domain::Seq position_in(const delivery::Frame& frame, const Place& place) {
    const auto* const watching = std::get_if<delivery::Watching>(&frame.content());
    const auto& told = watching ? watching->position : std::get<delivery::Reset>(frame.content()).position;
    if (watch_.merged) {
      const auto* const merged = std::get_if<delivery::MergedPosition>(&told);
      demand(merged && merged->cursor.in(Log::key(place.channel)), "no merged cursor");
      epoch_ = merged->cursor.epoch;
      return merged->in(Log::key(place.channel));
    }
    const auto* const cursor = std::get_if<domain::Cursor>(&told);
    demand(cursor && cursor->epoch, "no cursor");
    epoch_ = cursor->epoch;
    return cursor->seq;
  }

  Place& place_of(const domain::ChannelKey& channel) {
    for (auto& place : places_) {
      if (place.channel == Log::index(channel)) return place;
    }
    throw std::logic_error("a frame of a channel that is not watched: " + channel.to_string());
  }

  void demand(bool holds, const char* what, domain::Seq seq = 0) const {
    if (holds) return;
    const Place& place = place_ == nullptr ? places_.front() : *place_;
    throw std::logic_error(std::string{what} + " (seq " + std::to_string(seq) + ", expected " +
                           std::to_string(place.next) + ", channel " + std::to_string(place.channel) + ")");
  }

  static constexpr milliseconds kNotice{200};  ///< a node may take this long to see that the log was replaced

  const Log& log_;
  usecase::Watch watch_;
  Time since_;
  domain::Epoch before_;
  std::vector<Place> places_;
  Place* place_ = nullptr;  // of the frame that is looked at
  bool ready_ = false;
  std::optional<domain::Epoch> epoch_;
};

}  // namespace danwa::simulation
