#include "adapters/protocol/http/request_guard.hpp"

#include <algorithm>
#include <cstring>

#include "adapters/protocol/http/authority.hpp"
#include "adapters/protocol/http/fields.hpp"
#include "domain/core/text.hpp"

// Beast 1.74 writes the answers, and does not read the requests:
// - Of the 250 heads of tests/adapters/protocol/http/guard_cases.hpp it lets 92 pass that must be refused: transfer
//   codings other than one `chunked`, lengths in lists, absent and malformed hosts, folded lines.
// - Behind this guard it would split the head a second time: 690 ns for the head of a post in place of
//   250 ns. Twelve lines would go, those that copy the fields into the request.
// - It refuses heads that are served: `Connection: keep-alive; timeout=5`, and every such list that is not of tokens.
// - It judges a chunk's extension and all trailers only when they are whole, without a bound, and makes trailers
//   headers; here the first wrong byte is refused (see ChunkedDecoder).

namespace danwa::adapters::http {
namespace {

Refusal bad(std::string_view code, std::string_view detail) { return Refusal{400, code, detail}; }

/// Gathers what the headers say about framing. Called once for each header line.
class FramingRules {
 public:
  explicit FramingRules(bool http_1_0) : http_1_0_{http_1_0} { framing_.keep_alive = !http_1_0; }

  Check see(std::string_view name, std::string_view value) {
    switch (name.size()) {
      case 4:
        return equals_ignoring_case(name, "host") ? see_host(value) : std::nullopt;
      case 6:
        return equals_ignoring_case(name, "expect") ? see_expect(value) : std::nullopt;
      case 10:
        return equals_ignoring_case(name, "connection") ? see_connection(value) : std::nullopt;
      case 14:
        return equals_ignoring_case(name, "content-length") ? see_length(value) : std::nullopt;
      case 17:
        return equals_ignoring_case(name, "transfer-encoding") ? see_coding(value) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  Checked<Framing> finish() const {
    if (hosts_ == 0 && !http_1_0_) return refuse(400, "host-missing", "HTTP/1.1 needs a Host header.");
    if (framing_.chunked && framing_.content_length) {
      return refuse(400, "framing-ambiguous", "Content-Length and Transfer-Encoding exclude each other.");
    }
    return framing_;
  }

 private:
  Check see_host(std::string_view value) {
    if (++hosts_ > 1) return bad("host-invalid", "There must be one Host header.");
    if (!is_valid_authority(value)) return bad("host-invalid", "The Host header is malformed.");
    return std::nullopt;
  }

  Check see_expect(std::string_view value) {
    framing_.expects_continue = equals_ignoring_case(value, "100-continue");
    return std::nullopt;  // the router answers an unknown expectation: 417
  }

  Check see_connection(std::string_view value) {
    while (const auto option = next_element(value, ',')) {
      if (equals_ignoring_case(*option, "close")) closes_ = true;
      if (equals_ignoring_case(*option, "keep-alive") && http_1_0_) framing_.keep_alive = true;
    }
    if (closes_) framing_.keep_alive = false;
    return std::nullopt;
  }

  Check see_length(std::string_view value) {
    const auto length = domain::parse_number<std::uint64_t>(value);
    if (framing_.content_length || !length) {
      return bad("content-length-invalid", "There must be one Content-Length, a decimal number.");
    }
    framing_.content_length = *length;
    return std::nullopt;
  }

  Check see_coding(std::string_view value) {
    if (framing_.chunked || http_1_0_) {
      return bad("transfer-encoding-invalid", "The only transfer coding is one `chunked`, in HTTP/1.1.");
    }
    if (equals_ignoring_case(value, "chunked")) {
      framing_.chunked = true;
      return std::nullopt;
    }
    if (is_token(value)) return Refusal{501, "transfer-encoding-unknown", "The only transfer coding is `chunked`."};
    return bad("transfer-encoding-invalid", "The only transfer coding is one `chunked`, in HTTP/1.1.");
  }

  bool http_1_0_;
  int hosts_ = 0;
  bool closes_ = false;
  Framing framing_;
};

Check check_field(std::string_view line, FramingRules& rules) {
  if (line.front() == ' ' || line.front() == '\t') return bad("header-folded", "A folded header line is not accepted.");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return bad("header-invalid", "A header line has no colon.");
  const auto name = line.substr(0, colon);
  if (!is_token(name)) return bad("header-name-invalid", "A header name is malformed.");
  const auto value = line.substr(colon + 1);
  if (!std::all_of(value.begin(), value.end(), is_value_char)) {
    return bad("header-value-invalid", "A header value holds a control character.");
  }
  return rules.see(name, trim(value));
}

}  // namespace

Checked<GuardedHead> guard_head(std::string_view head, const ReadLimits& limits) {
  if (head.size() > limits.max_head) return refuse(431, "head-too-large", "The request's head is too large.");
  const auto end_of_line = head.find("\r\n");
  if (end_of_line == std::string_view::npos || !head.ends_with("\r\n\r\n")) {
    return refuse(400, "head-invalid", "The request's head is malformed.");
  }
  const auto line = parse_request_line(head.substr(0, end_of_line), limits);
  if (!line) return tl::unexpected{line.error()};
  const auto fields = head.substr(end_of_line + 2, head.size() - end_of_line - 4);
  FramingRules rules{line->http_1_0};
  std::size_t count = 0;
  for (std::size_t start = 0; start < fields.size();) {
    const auto end = fields.find("\r\n", start);
    if (end == start) return refuse(400, "head-invalid", "The request's head is malformed.");
    if (++count > limits.max_headers) return refuse(431, "headers-too-many", "The request has too many headers.");
    if (const auto refused = check_field(fields.substr(start, end - start), rules)) return tl::unexpected{*refused};
    start = end + 2;
  }
  auto framing = rules.finish();
  if (!framing) return tl::unexpected{framing.error()};
  return GuardedHead{*line, fields, *framing};
}

Checked<std::size_t> HeadScanner::scan(std::string_view bytes) {
  while (seen_ < bytes.size()) {
    const auto* found = std::memchr(bytes.data() + seen_, '\n', bytes.size() - seen_);
    if (found == nullptr) break;
    const auto line_feed = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (const auto refused = check_end_of_line(bytes, line_feed)) return tl::unexpected{*refused};
    const bool is_end = line_feed == line_start_ + 1;
    seen_ = line_start_ = line_feed + 1;
    if (is_end) return seen_;
  }
  if (lines_ == 0) {
    if (const auto refused = check_partial_line(bytes, *limits_)) return tl::unexpected{*refused};
  }
  seen_ = bytes.size();
  if (bytes.size() >= limits_->max_head) return refuse(431, "head-too-large", "The request's head is too large.");
  return std::size_t{0};
}

Check HeadScanner::check_end_of_line(std::string_view bytes, std::size_t line_feed) {
  if (lines_ == 0) {
    if (const auto refused = check_partial_line(bytes.substr(0, line_feed), *limits_)) return refused;
  }
  if (line_feed == line_start_ || bytes[line_feed - 1] != '\r') {
    return bad("line-end-invalid", "A line must end with CR LF.");
  }
  if (line_feed >= limits_->max_head) return Refusal{431, "head-too-large", "The request's head is too large."};
  if (lines_ == 0) {
    const auto request_line = parse_request_line(bytes.substr(0, line_feed - 1), *limits_);
    if (!request_line) return request_line.error();
  }
  if (++lines_ > limits_->max_headers + 2) return Refusal{431, "headers-too-many", "The request has too many headers."};
  return std::nullopt;
}

namespace {

constexpr unsigned kMaxSizeDigits = 16;
constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 62;  // above it a size is nonsense, not a large body

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
  if (const int digit = domain::hex_value(c); digit >= 0) {
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
