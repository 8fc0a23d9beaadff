#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "adapters/http/handshake.hpp"
#include "adapters/http/origin_check.hpp"
#include "adapters/http/request_reader.hpp"
#include "infra/beast/http_context.hpp"
#include "infra/beast/live_registry.hpp"
#include "infra/beast/moving_deadline.hpp"
#include "infra/beast/read_buffer.hpp"

namespace danwa::infra {

/// Serves HTTP/1.1 on an accepted connection until it ends or becomes a live stream: requests one after
/// another, pipelined ones answered in order. Runs on: the socket's io_context, where all but `drain` and
/// `stop` are called, too.
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

  /// A head that is refused before its end, and what is still looked for in it.
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

  void judge_head();
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

  const boost::asio::any_io_executor executor_;  // for other threads, too: the socket may move away
  boost::asio::ip::tcp::socket socket_;
  HttpContext& context_;
  adapters::http::RequestReader reader_;
  MovingDeadline deadline_;
  ReadBuffer input_;
  LiveRegistry::Place place_;
  Phase phase_ = Phase::reading;
  bool reading_ = false;   // a read is under way
  bool ended_ = false;     // the client sends no more
  bool draining_ = false;  // told to end
  bool timed_ = false;     // the deadline of the present head or body runs

  bool keep_alive_ = true;     // after the answer to this request
  bool answered_ = false;      // this request, early; what is left of its body is forgotten
  bool without_body_ = false;  // its answer: HEAD
  bool http_1_0_ = false;
  std::string method_;  // this and the two below are for the log; empty: the head was not read
  std::string path_;
  std::string request_id_;
  std::string origin_;                            // of the request, empty without exactly one
  std::shared_ptr<adapters::http::Hurry> hurry_;  // while a handler runs and until its answer is written
  std::optional<Handshake> handshake_;            // of a request for a WebSocket
  std::optional<Unread> unread_;                  // a head that is refused while its Origin is looked for
  std::function<void()> leave_;                   // what follows when the read under way has ended
};

}  // namespace danwa::infra
