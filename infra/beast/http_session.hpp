#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/http/handshake.hpp"
#include "adapters/http/origin_check.hpp"
#include "adapters/http/request_reader.hpp"
#include "adapters/http/router.hpp"
#include "adapters/protocol/http/request_target.hpp"
#include "infra/beast/http_server.hpp"
#include "infra/beast/live_registry.hpp"
#include "infra/beast/stream_session.hpp"

namespace danwa::beast {

/// State that all HTTP connections of a server share; outlives all of them.
struct HttpContext {
  const HttpOptions& options;
  const adapters::http::Router& router;
  LiveRegistry& connections;
  StreamContext& streams;
  adapters::http::ReadLimits limits;
  adapters::http::OriginCheck origins;
  std::string id_prefix;  ///< of request ids; distinguishes this process from its predecessors and peers
  std::string next_request_id() { return id_prefix + std::to_string(++last_id); }

  std::atomic<std::uint64_t> last_id{0};  ///< request ids given out
  std::atomic<std::size_t> running{0};    ///< handlers that have not answered yet
  std::atomic<bool> draining{false};      ///< every answer is the last of its connection
};

/// Received bytes that are not consumed yet, in one piece. Grows on demand up to a bound, then offers no space.
class ReadBuffer {
 public:
  std::string_view bytes() const { return {storage_.data() + begin_, end_ - begin_}; }

  /// Space for the next bytes; empty if `limit` bytes wait to be consumed. Moves the waiting bytes, so it must not be
  /// called during a read into an earlier space.
  std::span<char> space(std::size_t limit) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == storage_.size() && begin_ > 0) {
      std::memmove(storage_.data(), storage_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == storage_.size() || filled_) storage_.resize(std::min(limit, std::max(kFirstSize, 2 * storage_.size())));
    filled_ = false;
    return std::span{storage_}.subspan(end_);
  }

  void commit(std::size_t size) {
    end_ += size;
    filled_ = end_ == storage_.size();
  }
  void consume(std::size_t size) { begin_ += size; }

  std::string take_rest() {
    std::string rest{bytes()};
    storage_ = {};
    begin_ = end_ = 0;
    return rest;
  }

 private:
  static constexpr std::size_t kFirstSize = 2048;  // bytes; doubled as long as reads fill it

  std::vector<char> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  // the last read filled the whole space, so more bytes are likely
};

/// A deadline that moves with every request. Moving it later costs one store: the timer underneath is set again only
/// when it fires too early. Runs on: the executor that it was created with.
class MovingDeadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit MovingDeadline(const boost::asio::any_io_executor& executor) : timer_{executor} {}

  /// Calls `expire` when a deadline has passed, as long as `owner` lives.
  void begin(std::weak_ptr<void> owner, std::function<void()> expire);

  void expire_after(std::chrono::milliseconds time);

  /// No deadline until the next one is set.
  void rest() { deadline_ = Clock::time_point::max(); }

  /// Ends the deadline for good.
  void end();

 private:
  void run();
  void on_timer();

  boost::asio::steady_timer timer_;
  std::weak_ptr<void> owner_;
  std::function<void()> expire_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point goes_off_ = Clock::time_point::max();  // when the timer fires; max: it is not set
};

/// Serves HTTP/1.1 on an accepted connection until it ends or becomes a live stream. Requests run one after another,
/// and pipelined ones are answered in order. Runs on: the socket's io_context. `drain` and `stop` may be called from
/// any thread, all other functions from there.
class HttpSession final : public LiveConnection, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, HttpContext& context)
      : executor_{socket.get_executor()},
        socket_{std::move(socket)},
        context_{context},
        reader_{context.limits},
        deadline_{executor_} {}

  void start();
  void drain(std::chrono::milliseconds delay, std::chrono::milliseconds retry_after) override;
  void stop() override;

 private:
  enum class Phase { reading, handling, writing, leaving, closed };
  using Handshake = std::variant<adapters::http::WebSocketKey, adapters::http::Response>;

  /// A head that is refused before its end, and the search for its origin.
  struct Unread {
    adapters::http::Response refusal;
    adapters::http::OriginFinder finder;
  };

  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void on_deadline();
  void advance();
  void wait_for_more();
  void next_request();

  bool judge_head();
  std::optional<adapters::http::Response> refuse_place(const adapters::http::Request& request) const;
  void give_up(adapters::http::Response refusal);
  void seek_origin(bool may_wait);
  void answer_early(adapters::http::Response response);
  void send_continue();
  void run_handler();
  void dismiss();
  void on_reply(const std::exception_ptr& failure, adapters::http::Reply reply);
  adapters::http::Response to_defect(const std::exception_ptr& failure);

  void answer(adapters::http::Response response);
  void answer_last(adapters::http::Response response);
  void on_written(const boost::system::error_code& error);
  void note(const adapters::http::Response& response);

  bool is_draining() const { return draining_ || context_.draining; }
  void open_events(adapters::http::OpenStream open);
  template <class Start, class Head, class Open>
  void open_stream(Start start_stream, Head head, Open open);
  void linger();
  void leave(std::function<void()> next);
  void close();

  const boost::asio::any_io_executor executor_;  // other threads use it, too, because the socket may be moved away
  boost::asio::ip::tcp::socket socket_;
  HttpContext& context_;
  adapters::http::RequestReader reader_;
  MovingDeadline deadline_;
  ReadBuffer input_;
  LiveRegistry::Place place_;
  Phase phase_ = Phase::reading;
  bool reading_ = false;   // a read is in flight
  bool ended_ = false;     // the client has ended its output
  bool draining_ = false;  // `drain` was called
  bool timed_ = false;     // the deadline of the present head or body runs

  bool keep_alive_ = true;     // after the answer to this request
  bool answered_ = false;      // this request was answered early; the rest of its body is discarded
  bool without_body_ = false;  // the request is a HEAD
  bool http_1_0_ = false;
  std::string method_;  // this and the two below are for the log; empty: the head was not read
  std::string path_;
  std::string request_id_;
  std::string origin_;  // of the request; empty unless there is exactly one
  std::shared_ptr<adapters::http::CancellationToken>
      cancellation_;                    // while a handler runs and until its answer is written
  std::optional<Handshake> handshake_;  // of a request for a WebSocket
  std::optional<Unread> unread_;        // set while the origin of a refused head is searched
  std::function<void()> leave_;         // called when the read in flight has ended
};

}  // namespace danwa::beast
