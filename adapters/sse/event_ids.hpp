#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapters/delivery/frame.hpp"
#include "domain/channel/cursor.hpp"

namespace danwa::adapters::sse {

/// The ids of one stream's events: the cursor after each event, `<epoch>:<seq>`, or the whole merged cursor
/// where several channels are watched. Updates and `watching` carry it, and it comes back as `Last-Event-ID`;
/// a `reset`, a note of missed updates and ephemeral frames leave the last id as it was.
///
/// A stream requests the ids of the frames that it is about to write, in order. After a write that ended early it calls
/// `rewind` and requests them again, from the first frame on of which nothing was written. Owned by: one stream.
class EventIds {
 public:
  explicit EventIds(domain::Epoch epoch = {}) : epoch_{std::move(epoch)} {}

  /// Appends `id: ...` and a line end, or nothing.
  void append_line(std::string& out, const Frame& frame);

  /// The frame's first byte was written.
  void begun(const Frame& frame);

  /// The next request follows the last frame that was begun.
  void rewind() { ahead_ = begun_; }

 private:
  void advance(std::vector<domain::Seq>& seqs, const Frame& frame);

  domain::Epoch epoch_;             // of the log, from the last cursor frame
  std::vector<std::string> names_;  // channels of a merged watch, as in its cursor; else empty
  std::vector<domain::Seq> begun_;  // their seqs after the last frame that was begun
  std::vector<domain::Seq> ahead_;  // their seqs after the last frame whose id was requested
};

}  // namespace danwa::adapters::sse
