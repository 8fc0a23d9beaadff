#include "adapters/http/chunked_decoder.hpp"

#include <algorithm>

#include "adapters/http/header_text.hpp"

namespace danwa::adapters::http {
namespace {

constexpr unsigned kMaxSizeDigits = 16;
constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 62;  // above it a size is nonsense, not a large body

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t ChunkedDecoder::feed(std::string_view input, std::string& out) {
  std::size_t used = 0;
  while (used < input.size() && !done() && !refusal_) {
    if (state_ == State::data) {
      used += take_data(input.substr(used), out);
    } else {
      step(input[used++]);
    }
  }
  return used;
}

std::size_t ChunkedDecoder::take_data(std::string_view input, std::string& out) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, input.size()));
  out.append(input.substr(0, size));
  chunk_left_ -= size;
  if (chunk_left_ == 0) state_ = State::data_return;
  return size;
}

void ChunkedDecoder::step(char c) {
  switch (state_) {
    case State::size:
      return on_size(c);
    case State::extension:
      return on_extension(c);
    case State::size_line_feed:
      expect(c, '\n', State::data);
      return refusal_ ? void() : end_size();
    case State::data_return:
      return expect(c, '\r', State::data_line_feed);
    case State::data_line_feed:
      size_digits_ = 0;
      return expect(c, '\n', State::size);
    case State::trailer_line_feed:
      return expect(c, '\n', State::trailer_start);
    case State::last_line_feed:
      return expect(c, '\n', State::done);
    default:
      return on_trailer(c);
  }
}

void ChunkedDecoder::on_size(char c) {
  if (const int digit = hex_value(c); digit >= 0) {
    if (++size_digits_ > kMaxSizeDigits) return fail_form();
    chunk_left_ = (chunk_left_ << 4) | static_cast<std::uint64_t>(digit);
    return;
  }
  if (size_digits_ == 0 || chunk_left_ > kMaxChunk) return fail_form();
  extension_size_ = 0;
  if (c == '\r') {
    state_ = State::size_line_feed;
  } else if (c == ';') {
    state_ = State::extension;
  } else {
    fail_form();
  }
}

void ChunkedDecoder::on_extension(char c) {
  if (c == '\r') {
    state_ = State::size_line_feed;
  } else if (!is_value_char(c)) {
    fail_form();
  } else if (++extension_size_ > limits_.max_extension) {
    fail(413, "chunk-extension-too-long", "A chunk extension is too long.");
  }
}

void ChunkedDecoder::end_size() {
  if (chunk_left_ == 0) {
    state_ = State::trailer_start;
    return;
  }
  body_size_ += chunk_left_;
  if (chunk_left_ > max_body_ || body_size_ > max_body_) fail(413, "body-too-large", "The body is too large.");
}

void ChunkedDecoder::on_trailer(char c) {
  if (++trailer_size_ > limits_.max_trailers) return fail(431, "trailers-too-large", "The trailers are too large.");
  if (state_ == State::trailer_start && c == '\r') {
    state_ = State::last_line_feed;
  } else if (state_ == State::trailer_value) {
    if (c == '\r') {
      state_ = State::trailer_line_feed;
    } else if (!is_value_char(c)) {
      fail_form();
    }
  } else if (state_ == State::trailer_name && c == ':') {
    state_ = State::trailer_value;
  } else if (is_token_char(c)) {
    state_ = State::trailer_name;
  } else {
    fail_form();
  }
}

void ChunkedDecoder::expect(char c, char wanted, State next) {
  if (c != wanted) return fail_form();
  state_ = next;
}

void ChunkedDecoder::fail_form() { fail(400, "chunk-invalid", "The chunked body is malformed."); }

void ChunkedDecoder::fail(int status, std::string_view code, std::string_view detail) {
  refusal_ = Refusal{status, code, detail};
}

}  // namespace danwa::adapters::http
