#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "adapters/http/message_peer.hpp"
#include "infra/beast/websocket_session.hpp"

namespace danwa::infra {

/// A WebSocket whose text messages are for a MessagePeer, and on which that peer speaks. While much of what it
/// said is unsent, the client's next messages stay in the socket.
class MessageSession final : public WebSocketSession, public adapters::http::MessageLink {
 public:
  MessageSession(Parts parts, boost::asio::any_io_executor executor, std::shared_ptr<adapters::http::MessagePeer> peer);
  ~MessageSession() override;

  void send(std::string_view text) override;
  bool has_unsent() const override { return unsent_size() > 0; }
  void close(std::uint16_t code, std::string_view reason) override;
  void set_alarm(std::optional<std::chrono::steady_clock::time_point> when) override;
  void hold(usecase::LeasePtr lease, std::uint16_t code) override;
  void spawn(usecase::Async<void> task) override;
  void post(std::function<void()> call) override { hand_over(std::move(call)); }

 private:
  using Clock = StreamSession::Clock;

  void on_start() override;
  bool has_late() const override { return peer_->has_message(); }
  std::string make_late() override;
  void on_late_begun() override { peer_->on_message_begun(); }
  void on_text(std::string_view piece, bool ends_message) override;
  void on_drained() override { peer_->on_drained(); }
  void on_end() override { peer_->on_end(); }
  bool takes_more() const override;
  Clock::time_point alarm() const override { return alarm_; }
  void on_alarm() override;
  void on_beat() override { peer_->on_heartbeat(); }
  CloseCode lease_end_code() const override { return at_lease_end_; }
  CloseCode too_many() const override { return CloseCode::policy; }
  CloseCode too_silent() const override { return CloseCode::going_away; }
  void on_task_end(const std::exception_ptr& failure);

  const boost::asio::any_io_executor executor_;
  std::shared_ptr<adapters::http::MessagePeer> peer_;
  std::string message_;  // the pieces so far
  Clock::time_point alarm_ = Clock::time_point::max();
  CloseCode at_lease_end_ = CloseCode::unauthorized;
};

}  // namespace danwa::infra
