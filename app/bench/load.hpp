#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "adapters/protocol/websocket/frame_parser.hpp"
#include "app/bench/connection.hpp"
#include "app/bench/ledger.hpp"
#include "app/bench/run_state.hpp"
#include "infra/client/node_client.hpp"

namespace danwa::bench {

/// Gets posters that are idle.
class PosterOwner {
 public:
  virtual ~PosterOwner() = default;
  virtual void on_idle(class Poster& poster) = 0;
};

/// One keep-alive connection that posts one comment at a time and waits for its answer. After a 503 it tries again,
/// because a 503 promises that nothing was saved. In crash tolerant mode it sends the same comment to the next node,
/// with the same Idempotency-Key, until it is acknowledged. Runs on: the load tool's thread.
class Poster final : public Connection {
 public:
  Poster(RunState& state, PosterOwner& owner, std::size_t number);

  /// Posts comment `n` of the run, which was due at `due_us`; its latency counts from there.
  void post(std::uint64_t n, std::int64_t due_us);
  bool busy() const { return busy_; }

  /// The run is over: a post without an answer counts as unknown.
  void give_up();
  /// Gives up an answer that takes too long. In crash tolerant mode the next node gets the comment.
  void check_patience(std::int64_t now);

 private:
  void send_request();
  void on_connected() override;
  std::size_t on_bytes(std::span<char> bytes) override;
  void on_broken(const char* why) override;
  void on_reply(const client::HttpReply& reply);
  void on_created(const client::HttpReply& reply);
  void try_again(std::int64_t delay_us, bool elsewhere);
  void finish(int status, std::string_view id, std::uint64_t seq);
  void end(int status, std::string_view id, std::uint64_t seq);

  RunState& state_;
  PosterOwner& owner_;
  const std::size_t number_;
  std::size_t node_;
  std::string token_;
  std::string head_;  // of the request, up to the lengths, for the present node
  client::ReplyParser parser_;
  bool busy_ = false;
  bool leaving_ = false;  // the server closes the connection after this answer
  bool waiting_ = false;  // a timer will try again
  std::uint64_t n_ = 0;
  std::size_t conversation_ = 0;
  std::string text_;
  std::uint64_t hash_ = 0;
  std::int64_t due_us_ = 0;
  std::int64_t start_us_ = 0;  // of the first try
  std::int64_t sent_us_ = 0;   // of the current try
};

/// One WebSocket that watches one conversation and checks every update. In crash tolerant mode it continues from its
/// cursor on the next node when its connection breaks. Runs on: the load tool's thread.
class WatcherConnection final : public Connection {
 public:
  WatcherConnection(RunState& state, std::size_t number, bool with_history_from_start);

  void start();
  bool watching() const { return watching_; }
  /// Leaves without a word, as a client does whose network is gone.
  void drop();
  /// Comes back with the cursor of some updates ago. Call after `drop`.
  void resume();
  /// It has come back, and has what it had before.
  bool resumed() const { return resume_to_ == 0; }
  /// Reads nothing until `read_on`. Its delays count apart from then on.
  void stall();
  void read_on() { set_reading(true); }
  /// Closes politely and waits for the server to end the connection.
  void leave();
  /// It failed, or the server ended the connection after `leave`.
  bool gone() const { return failed_ || (stopped_ && !connected()); }
  bool leaving() const { return stopped_; }
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
  void note_resumed();

  RunState& state_;
  const std::size_t number_;
  const std::size_t conversation_;
  std::size_t node_;
  std::string token_;
  std::string epoch_;  // of the last `watching`; sent back in `after=`
  std::uint64_t next_seq_ = 1;
  std::uint64_t resume_to_ = 0;  // after a `resume`: the next seq that it had; 0: has it again
  std::int64_t heard_us_ = 0;
  std::int64_t started_us_ = 0;
  client::ReplyParser upgrade_;
  adapters::websocket::FrameParser frames_;
  std::string message_;  // the pieces of one that came in several
  bool from_start_;
  bool upgraded_ = false;
  bool watching_ = false;
  bool stalled_ = false;  // now or before
  bool failed_ = false;
  bool stopped_ = false;
};

/// The phases of a run: connects watchers, posts, waits until every watcher has received everything. Runs on: the load
/// tool's thread.
class Load final : public PosterOwner {
 public:
  explicit Load(RunState& state) : state_{state} {}

  /// Connects `count` watchers, at most 128 at a time. False: not all of them watch within 60 s.
  bool connect_watchers(std::size_t count, bool from_start);

  /// Posts until the number or the time is over, then waits for the answers. `options.stall` of the watchers read
  /// nothing meanwhile. Returns the seconds that it took.
  double post_all();

  /// Waits until every watcher has seen all acknowledged posts. Counts the missing ones at the limit as lost.
  void settle();

  /// All watchers leave, then come back with their cursors, `at_once` at a time, within 60 s.
  void reconnect_watchers(std::size_t at_once);

  /// Connects, watches and closes `count` times, 32 connections at a time. Returns the number that succeeded.
  std::size_t connect_and_leave(std::size_t count);

  /// Keeps the watchers connected for this long.
  void idle(double seconds);
  void stop();

 private:
  void on_idle(Poster& poster) override;
  bool more() const;
  void dispatch();
  void post_until_over();
  void patrol();
  bool any_busy() const;

  RunState& state_;
  std::vector<std::unique_ptr<WatcherConnection>> watchers_;
  std::vector<std::unique_ptr<Poster>> posters_;
  std::deque<Poster*> free_;
  std::int64_t started_us_ = 0;
  std::int64_t next_patrol_us_ = 0;
  std::uint64_t issued_ = 0;
  bool posting_ = false;
};

}  // namespace danwa::bench
