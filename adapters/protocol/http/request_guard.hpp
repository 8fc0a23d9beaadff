#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/protocol/http/request_target.hpp"

namespace danwa::adapters::http {

/// The framing of the bytes after a head. All parties on the way must agree on it.
struct Framing {
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  bool keep_alive = true;         ///< by `Connection` and version
  bool expects_continue = false;  ///< `Expect: 100-continue`

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// A head that passed the guard. Its parts point into the checked bytes.
struct GuardedHead {
  RequestLine line;
  std::string_view fields;  ///< header lines, each with its CRLF
  Framing framing;
};

/// Refuses every head that two readers could understand differently (request smuggling) or that is outside RFC 9112. It
/// is stricter than the "should" of that standard. `head` runs from the request line to the empty line, both included.
/// After a refusal the connection cannot be used any more.
///
///     400: a bare CR, LF or control, a folded line, a bad name, a space before the colon, no or two or a
///          malformed `Host`, two or malformed `Content-Length`, it together with `Transfer-Encoding`, any
///          transfer coding but one single `chunked`, or one in HTTP/1.0; 501: an unknown coding;
///     414, 431: too long; 505: another version.
Checked<GuardedHead> guard_head(std::string_view head, const ReadLimits& limits);

/// Finds the end of a head in bytes that come piece by piece. A scan costs time only for new bytes.
class HeadScanner {
 public:
  explicit HeadScanner(const ReadLimits& limits) : limits_{&limits} {}

  /// `bytes`: everything that came since the head began. Returns the size of the head, 0 if more must come, or the
  /// reason to refuse it early.
  Checked<std::size_t> scan(std::string_view bytes);

 private:
  Check check_end_of_line(std::string_view bytes, std::size_t line_feed);

  const ReadLimits* limits_;
  std::size_t seen_ = 0;        // bytes scanned
  std::size_t line_start_ = 0;  // of the line that has not ended
  std::size_t lines_ = 0;       // that have ended
};

/// Decodes the chunked coding of RFC 9112 section 7.1 from a body that comes piece by piece; the result does not depend
/// on the pieces. Strict: 1 to 16 hexadecimal digits, CR LF everywhere, bounded extensions (ignored) and trailers
/// (checked, then dropped: they never become headers).
///
///     400: any deviation; 413: a body above `max_body`, an extension above its bound; 431: trailers.
class ChunkedDecoder {
 public:
  ChunkedDecoder(const ReadLimits& limits, std::size_t max_body) : limits_{limits}, max_body_{max_body} {}

  /// Appends decoded bytes to `out`. Returns the number of bytes used: all of `input` unless `done` or refused.
  std::size_t feed(std::string_view input, std::string& out);

  bool done() const { return state_ == State::done; }
  const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  enum class State {
    size,
    extension,
    size_line_feed,
    data,
    data_return,
    data_line_feed,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_line_feed,
    last_line_feed,
    done,
  };

  void step(char c);
  void on_size(char c);
  void end_size();
  void on_extension(char c);
  void on_trailer(char c);
  void expect(char c, char wanted, State next);
  std::size_t take_data(std::string_view input, std::string& out);
  void fail(int status, std::string_view code, std::string_view detail);
  void fail_form();

  ReadLimits limits_;
  std::size_t max_body_;
  State state_ = State::size;
  std::optional<Refusal> refusal_;
  std::uint64_t chunk_left_ = 0;  // the size while it is read, then the rest of the data
  unsigned size_digits_ = 0;
  std::size_t extension_size_ = 0;
  std::size_t trailer_size_ = 0;  // of all trailers
  std::uint64_t body_size_ = 0;   // announced so far
};

}  // namespace danwa::adapters::http
