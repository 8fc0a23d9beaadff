#include "infra/beast/sse_session.hpp"

#include <utility>

#include "infra/beast/expiry_notice.hpp"

namespace danwa::infra {
namespace {

namespace sse = adapters::sse;

constexpr std::chrono::milliseconds kReconnectAfter{2'000};  // for EventSource, after a lost connection
constexpr std::size_t kMaxForgotten = 64 * 1024;  // bytes that the client may send; then the stream is closed

}  // namespace

SseSession::SseSession(Parts parts, sse::Framing framing)
    : StreamSession{parts.context.metrics.sse_streams, std::move(parts)}, framing_{framing} {}

void SseSession::wrap(const adapters::Frame& frame, Gather& out) {
  const std::string first = tells_retry_ ? std::string{} : sse::retry_line(kReconnectAfter);
  tells_retry_ = true;
  auto wrapping = sse::wrap(frame, ids_, framing_, first);
  out.add_owned(std::move(wrapping.before));
  out.add(frame.json());
  out.add(wrapping.after);
}

void SseSession::take(std::span<char> bytes) {
  forgotten_ += bytes.size();
  if (forgotten_ > kMaxForgotten) close();
}

bool SseSession::append_heartbeat(std::string& out) {
  sse::append_lines(out, sse::comment_line(""), framing_);
  return false;
}

void SseSession::append_expiry_warning(std::string& out, domain::Timestamp expires_at) {
  sse::append_event(out, expiry_notice(expires_at), framing_);
}

void SseSession::append_goodbye(std::string& out, const Ending& ending) {
  std::string lines = ending.retry_after ? sse::retry_line(*ending.retry_after) : std::string{};
  lines += sse::comment_line("closed " + std::to_string(static_cast<int>(ending.code)) + ' ' + ending.reason);
  sse::append_lines(out, lines, framing_);
  sse::append_end(out, framing_);
}

}  // namespace danwa::infra
