#pragma once

#include <cstdint>
#include <string>

#include "adapters/websocket/frame_parser.hpp"
#include "app/client/bench/connection.hpp"
#include "app/client/bench/run_state.hpp"
#include "app/client/bench/update_scan.hpp"
#include "infra/client/http_client.hpp"

namespace danwa::app::bench {

/// One WebSocket that watches one conversation and checks every update. In crash tolerant mode it continues from its
/// cursor on the next node when its connection breaks. Runs on: the load tool's thread.
class WatcherConnection final : public Connection {
 public:
  WatcherConnection(RunState& state, std::size_t number, bool with_history_from_start);

  void start() { connect(state_.nodes[node_]); }
  bool watching() const { return watching_; }
  bool failed() const { return failed_; }
  std::size_t conversation() const { return conversation_; }
  /// Every seq below this was seen.
  std::uint64_t next_seq() const { return next_seq_; }
  /// Crash tolerant mode: a watcher that is behind the acknowledged posts and silent for 3 s goes on at the next node.
  void check_silence(std::int64_t now);
  void stop();

 private:
  void on_connected() override;
  std::size_t on_bytes(std::span<char> bytes) override;
  void on_broken(const char* why) override;
  std::size_t on_upgrade(std::span<char> bytes);
  void on_event(const adapters::websocket::Event& event);
  void fail(const std::string& why);
  void on_message(std::string_view json);
  void on_update(const ScannedFrame& update);

  RunState& state_;
  const std::size_t number_;
  const std::size_t conversation_;
  std::size_t node_;
  std::string token_;
  std::string epoch_;  // of the last `watching`; sent back in `after=`
  std::uint64_t next_seq_ = 1;
  std::int64_t heard_us_ = 0;
  infra::ReplyParser upgrade_;
  adapters::websocket::FrameParser frames_;
  std::string message_;  // the pieces of one that came in several
  bool from_start_;
  bool upgraded_ = false;
  bool watching_ = false;
  bool failed_ = false;
  bool stopped_ = false;
};

}  // namespace danwa::app::bench
