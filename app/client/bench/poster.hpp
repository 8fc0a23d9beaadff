#pragma once

#include <cstdint>
#include <string>

#include "app/client/bench/connection.hpp"
#include "app/client/bench/run_state.hpp"
#include "infra/client/http_client.hpp"

namespace danwa::app::bench {

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
  void on_reply(const infra::HttpReply& reply);
  void on_created(const infra::HttpReply& reply);
  void try_again(std::int64_t delay_us, bool elsewhere);
  void finish(int status, std::string_view id, std::uint64_t seq);

  RunState& state_;
  PosterOwner& owner_;
  const std::size_t number_;
  std::size_t node_;
  std::string token_;
  std::string head_;  // of the request, up to the lengths, for the present node
  infra::ReplyParser parser_;
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

}  // namespace danwa::app::bench
