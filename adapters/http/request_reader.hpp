#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "adapters/http/message.hpp"
#include "adapters/protocol/http/request_guard.hpp"

namespace danwa::adapters::http {

/// A guarded head as a request without body.
struct ParsedHead {
  Request request;
  Framing framing;
  std::optional<Response> refusal;  ///< the answer to a wrong target; the framing is sound
};

/// Never fails, because the faults that are left do not break the connection. A target in absolute form becomes origin
/// form if it names the request's `Host`, or if there is no `Host`; else 421. Malformed paths and queries are 400.
ParsedHead parse_head(const GuardedHead& head);

/// Reads one request after another out of the bytes of a connection, without knowing the connection:
/// guard, head, body. What comes out does not depend on how the bytes were cut.
///
///     used = reader.feed(bytes);            // then look at state()
///     head: more must come                  head_read: judge the head, then read_body() or skip_body()
///     body: more must come                  done: take(), then restart()
///     refused: refusal(); the connection cannot be used on
class RequestReader {
 public:
  enum class State { head, head_read, body, done, refused };

  explicit RequestReader(const ReadLimits& limits) : limits_{limits}, scanner_{limits_} {}
  RequestReader(const RequestReader&) = delete;  // the scanner refers to limits_
  RequestReader& operator=(const RequestReader&) = delete;

  State state() const { return state_; }

  /// `bytes`: received bytes that were not used yet. Returns how many of them are used now. A head is used only as a
  /// whole.
  std::size_t feed(std::string_view bytes);

  /// True if a part of a request was seen: the end of the connection now would cut it.
  bool begun() const { return state_ != State::head || begun_; }

  ParsedHead& head() { return head_; }  ///< from head_read on
  const Refusal& refusal() const { return *refusal_; }

  /// In head_read: goes on to body, done or refused (413).
  void read_body(std::size_t max_body);

  /// The same, but the body is discarded, because the answer does not need it.
  void skip_body(std::size_t max_body);

  /// In done: the request with its body.
  Request take() { return std::move(head_.request); }

  /// In done: waits for the next head.
  void restart();

 private:
  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  std::size_t feed_chunks(std::string_view bytes);
  void begin_body(std::size_t max_body, bool keep);
  void refuse_with(const Refusal& refusal);

  ReadLimits limits_;
  HeadScanner scanner_;
  State state_ = State::head;
  bool begun_ = false;
  bool keep_body_ = true;
  std::size_t body_left_ = 0;  // with Content-Length
  std::optional<ChunkedDecoder> decoder_;
  ParsedHead head_;
  std::optional<Refusal> refusal_;
};

}  // namespace danwa::adapters::http
