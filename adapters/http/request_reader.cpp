#include "adapters/http/request_reader.hpp"

#include <algorithm>

namespace danwa::adapters::http {

std::size_t RequestReader::feed(std::string_view bytes) {
  if (state_ == State::head) return feed_head(bytes);
  if (state_ != State::body) return 0;
  return decoder_ ? feed_chunks(bytes) : feed_body(bytes);
}

std::size_t RequestReader::feed_head(std::string_view bytes) {
  constexpr std::string_view kEmptyLine = "\r\n";
  if (!begun_ && kEmptyLine.starts_with(bytes.substr(0, 2))) {
    if (bytes.size() < 2) return 0;
    begun_ = true;  // one empty line before a request is ignored (RFC 9112 section 2.2)
    return 2;
  }
  begun_ = begun_ || !bytes.empty();
  const auto size = scanner_.scan(bytes);
  if (!size) return refuse_with(size.error()), 0;
  if (*size == 0) return 0;
  const auto guarded = guard_head(bytes.substr(0, *size), limits_);
  if (!guarded) return refuse_with(guarded.error()), 0;
  head_ = parse_head(*guarded);
  state_ = State::head_read;
  return *size;
}

void RequestReader::read_body(std::size_t max_body) { begin_body(max_body, true); }
void RequestReader::skip_body(std::size_t max_body) { begin_body(max_body, false); }

void RequestReader::begin_body(std::size_t max_body, bool keep) {
  keep_body_ = keep;
  max_body = std::min(max_body, limits_.max_body);
  const auto& framing = head_.framing;
  if (framing.content_length.value_or(0) > max_body) {
    return refuse_with(Refusal{413, "body-too-large", "The body is too large."});
  }
  if (framing.chunked) decoder_.emplace(limits_, max_body);
  body_left_ = static_cast<std::size_t>(framing.content_length.value_or(0));
  if (keep) head_.request.body.reserve(body_left_);
  state_ = framing.has_body() ? State::body : State::done;
}

std::size_t RequestReader::feed_body(std::string_view bytes) {
  const auto size = std::min(body_left_, bytes.size());
  if (keep_body_) head_.request.body.append(bytes.substr(0, size));
  body_left_ -= size;
  if (body_left_ == 0) state_ = State::done;
  return size;
}

std::size_t RequestReader::feed_chunks(std::string_view bytes) {
  const auto used = decoder_->feed(bytes, head_.request.body);
  if (!keep_body_) head_.request.body.clear();
  if (decoder_->refusal()) {
    refuse_with(*decoder_->refusal());
  } else if (decoder_->done()) {
    state_ = State::done;
  }
  return used;
}

void RequestReader::restart() {
  state_ = State::head;
  begun_ = false;
  scanner_ = HeadScanner{limits_};
  decoder_.reset();
  head_ = {};
}

void RequestReader::refuse_with(const Refusal& refusal) {
  refusal_ = refusal;
  state_ = State::refused;
}

}  // namespace danwa::adapters::http
