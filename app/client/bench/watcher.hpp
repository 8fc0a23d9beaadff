#pragma once

#include <cstdint>
#include <string>

#include "app/client/bench/connection.hpp"
#include "app/client/bench/run_state.hpp"
#include "app/client/bench/update_scan.hpp"
#include "infra/client/websocket_wire.hpp"

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
  std::size_t on_bytes(std::string_view bytes) override;
  void on_broken(const char* why) override;
  std::size_t on_upgrade(std::string_view bytes);
  void on_frame(const infra::ServerFrame& frame);
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
  bool from_start_;
  bool upgraded_ = false;
  bool watching_ = false;
  bool failed_ = false;
  bool stopped_ = false;
};

}  // namespace danwa::app::bench
