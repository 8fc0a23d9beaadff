#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/read_limits.hpp"
#include "adapters/http/refusal.hpp"

namespace danwa::adapters::http {

/// Takes the chunked coding of RFC 9112 section 7.1 off a body that comes piece by piece; the result does
/// not depend on the pieces. Strict: 1 to 16 hexadecimal digits, CR LF everywhere, bounded extensions
/// (ignored) and trailers (checked, then forgotten: they never become headers).
///
///   400: any deviation; 413: a body above `max_body`, an extension above its bound; 431: trailers.
class ChunkedDecoder {
 public:
  ChunkedDecoder(const ReadLimits& limits, std::size_t max_body) : limits_{limits}, max_body_{max_body} {}

  /// Appends decoded bytes to `out`; the number of bytes used, all of `input` unless `done` or refused.
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
  std::uint64_t chunk_left_ = 0;  // the size being read, then what is left of the data
  unsigned size_digits_ = 0;
  std::size_t extension_size_ = 0;
  std::size_t trailer_size_ = 0;  // of all trailers
  std::uint64_t body_size_ = 0;   // announced so far
};

}  // namespace danwa::adapters::http
