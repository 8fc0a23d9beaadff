#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "adapters/delivery/frame.hpp"
#include "adapters/sse/event_ids.hpp"
#include "domain/core/time.hpp"

namespace danwa::adapters::sse {

/// How the answer's body ends: in chunks (HTTP/1.1), or with the connection (HTTP/1.0).
enum class Framing { chunked, until_close };

/// The head of the answer, blank line included.
std::string response_head(Framing framing, domain::Timestamp now);

/// One frame as an event block is `before`, the frame's JSON, `after`. Events have no name, so that
/// `EventSource.onmessage` gets them all; the JSON's `type` tells them apart.
struct Wrapping {
  std::string before;
  std::string_view after;
};

/// The event's id, if it has one, is the next of `ids`.
Wrapping wrap(const Frame& frame, EventIds& ids, Framing framing);

/// Appends a block of its own: these lines, an empty one, and the chunk around them.
void append_block(std::string& out, std::string_view lines, Framing framing);

/// Appends an event without id.
void append_event(std::string& out, std::string_view json, Framing framing);

/// Appends the wait before the client connects again.
void append_retry(std::string& out, std::chrono::milliseconds wait, Framing framing);

/// Appends a line that clients ignore; keeps idle connections open through proxies.
void append_comment(std::string& out, std::string_view text, Framing framing);

/// Appends what ends the body.
void append_end(std::string& out, Framing framing);

}  // namespace danwa::adapters::sse
