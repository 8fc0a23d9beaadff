#pragma once

#include "adapters/sse/event_writer.hpp"
#include "infra/beast/stream_session.hpp"

namespace danwa::infra {

/// A live stream as `text/event-stream`: every frame of the feed is one event. The client sends nothing after its
/// request; bytes that arrive anyway are discarded up to a bound.
class SseSession final : public StreamSession {
 public:
  SseSession(Parts parts, adapters::sse::Framing framing);

 private:
  void wrap(const adapters::Frame& frame, Gather& out) override;
  void wrap_again() override {
    ids_.rewind();
    tells_retry_ = told_retry_;
  }
  void on_begun(const adapters::Frame& frame) override {
    ids_.begun(frame);
    told_retry_ = true;
  }
  void take(std::span<char> bytes) override;
  bool append_heartbeat(std::string& out) override;
  void append_expiry_warning(std::string& out, domain::Timestamp expires_at) override;
  void append_goodbye(std::string& out, const Ending& ending) override;
  bool may_hang_up() const override { return true; }
  void on_silence() override { reset(); }

  adapters::sse::EventIds ids_;
  bool told_retry_ = false;    // the block with the `retry` line was begun
  bool tells_retry_ = false;   // it was wrapped, or was begun before
  std::size_t forgotten_ = 0;  // discarded bytes of the client
  adapters::sse::Framing framing_;
};

}  // namespace danwa::infra
