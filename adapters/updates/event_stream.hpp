#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/channel/cursor.hpp"
#include "domain/core/time.hpp"
#include "usecase/delivery/frame.hpp"

namespace danwa::adapters::sse {

/// The ids of one stream's events: the cursor after each event, `<epoch>:<seq>`, or the whole merged cursor if several
/// channels are watched. Updates and `watching` carry it, and the client returns it as `Last-Event-ID`. A `reset`, a
/// note of missed updates and ephemeral frames have no id, so the client keeps the last one.
///
/// A stream requests the ids of the frames that it is about to write, in order. After a write that ended early it calls
/// `rewind` and requests them again, from the first frame on of which nothing was written. Owned by: one stream.
class EventIds {
 public:
  explicit EventIds(domain::Epoch epoch = {}) : epoch_{std::move(epoch)} {}

  /// Appends `id: ...` and a line end, or nothing.
  void append_line(std::string& out, const delivery::Frame& frame);

  /// The frame's first byte was written.
  void begun(const delivery::Frame& frame);

  /// The next request follows the last frame that was begun.
  void rewind() { ahead_ = begun_; }

 private:
  void advance(std::vector<domain::Seq>& seqs, const delivery::Frame& frame);

  domain::Epoch epoch_;             // of the log, from the last cursor frame
  std::vector<std::string> names_;  // channels of a merged watch, as in its cursor; else empty
  std::vector<domain::Seq> begun_;  // their seqs after the last frame that was begun
  std::vector<domain::Seq> ahead_;  // their seqs after the last frame whose id was requested
};

/// End of the answer's body: in chunks (HTTP/1.1), or with the connection (HTTP/1.0).
enum class Framing { chunked, until_close };

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The headers that describe the answer; the answer to a HEAD has the same ones.
Headers response_headers();

/// The head of the answer: those headers, `more` (the grants of CORS), the framing of the body, and the blank line.
std::string response_head(Framing framing, domain::Timestamp now, const Headers& more = {});

/// An event block is `before`, the JSON of the frame, `after`. Events have no name, so `EventSource.onmessage` receives
/// all of them; the `type` in the JSON distinguishes them.
struct Wrapping {
  std::string before;
  std::string_view after;
};

/// Wraps `frame`. The event's id, if it has one, is the next of `ids`. `first`: lines at the start of the block.
Wrapping wrap(const delivery::Frame& frame, EventIds& ids, Framing framing, std::string_view first = {});

/// Appends whole lines, with the chunk around them. Without an empty line at their end they belong to the next block:
/// some readers of streams call back with an empty message for a block without data.
void append_lines(std::string& out, std::string_view lines, Framing framing);

/// Appends an event without id.
void append_event(std::string& out, std::string_view json, Framing framing);

/// The line that sets how long a client waits before it connects again. Takes effect when it is read.
std::string retry_line(std::chrono::milliseconds wait);

/// A line that clients ignore; keeps idle connections open through proxies. `text` holds no line end.
std::string comment_line(std::string_view text);

/// Appends the end of the body.
void append_end(std::string& out, Framing framing);

}  // namespace danwa::adapters::sse
