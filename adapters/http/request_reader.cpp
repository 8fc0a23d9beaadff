#include "adapters/http/request_reader.hpp"

#include <algorithm>

#include "adapters/http/problem.hpp"
#include "adapters/protocol/http/authority.hpp"
#include "adapters/protocol/http/fields.hpp"
#include "adapters/protocol/http/request_target.hpp"

// From the bytes of a connection to requests, without a socket: scanner, guard, head, body. The reader takes whatever
// has come; its results do not depend on how the bytes were cut. It stops at `head_read`, because the session decides
// from the head alone whether the body is worth reading. Two kinds of faults are kept apart. A wrong path or host is
// answered, and the connection goes on. A fault of framing ends the connection, because nobody can say where the next
// request begins.

namespace danwa::adapters::http {
namespace {

void add_fields(std::string_view fields, Request& request) {
  request.headers.reserve(16);
  while (!fields.empty()) {
    const auto end = fields.find("\r\n");
    const auto line = fields.substr(0, end);
    const auto colon = line.find(':');
    request.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
    fields.remove_prefix(end + 2);
  }
}

bool names_host(std::string_view scheme, const Authority& authority, std::string_view host) {
  const auto own = parse_authority(host);
  return own && is_same_server(scheme, authority, *own);
}

/// Sets the target in origin form. False: it names another server than `Host`. If there is no `Host`, as HTTP/1.0
/// allows, the authority of the target becomes the `Host` (RFC 9112 section 3.2.2).
bool set_target(std::string_view target, Request& request) {
  if (target.front() == '/' || target == "*") {
    request.target = target;
    return true;
  }
  const auto scheme = to_lower(target.substr(0, target.find("://")));
  target.remove_prefix(scheme.size() + 3);
  const auto end = std::min(target.find_first_of("/?"), target.size());
  const auto text = target.substr(0, end);
  const auto authority = parse_authority(text);
  if (!authority) return false;
  const auto host = request.header("host");
  if (host && !names_host(scheme, *authority, *host)) return false;
  if (!host) request.headers.emplace_back("host", text);
  const auto rest = target.substr(end);
  request.target = rest.empty() || rest.front() == '?' ? "/" + std::string{rest} : std::string{rest};
  return true;
}

}  // namespace

ParsedHead parse_head(const GuardedHead& head) {
  ParsedHead parsed{.request = {}, .framing = head.framing, .refusal = std::nullopt};
  parsed.request.method = head.line.method;
  parsed.request.http_1_0 = head.line.http_1_0;
  add_fields(head.fields, parsed.request);
  if (!set_target(head.line.target, parsed.request)) {
    parsed.refusal = problem(421, "host-not-served", "This server does not answer for that host.");
    return parsed;
  }
  if (parsed.request.asks_for_server()) return parsed;
  auto url = parse_url(parsed.request.target);
  if (!url) {
    parsed.refusal = to_response(url.error());
    return parsed;
  }
  parsed.request.segments = std::move(url->segments);
  parsed.request.query = std::move(url->query);
  return parsed;
}

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
