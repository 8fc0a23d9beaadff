#include "infra/caf/cluster/link_listener.hpp"

#include <utility>

namespace danwa::infra {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kPause{100};

}  // namespace

LinkListener::LinkListener(boost::asio::io_context& io, const net::ListenPlace& place, adapters::Logger& logger) {
  auto bound = net::listen_on(place, logger);
  bound_ = bound.text();
  for (auto& one : bound.sockets) {
    const auto protocol = one.address.family() == AF_INET6 ? tcp::v6() : tcp::v4();
    tcp::acceptor acceptor{io, protocol, one.socket.release()};
    acceptors_.push_back(std::make_unique<Acceptor>(Acceptor{std::move(acceptor), boost::asio::steady_timer{io}}));
  }
}

void LinkListener::start(OnSocket on_socket, OnTrouble on_trouble) {
  on_socket_ = std::move(on_socket);
  on_trouble_ = std::move(on_trouble);
  for (const auto& one : acceptors_) accept(*one);
}

void LinkListener::close() {
  for (const auto& one : acceptors_) {
    error_code ignored;
    one->acceptor.close(ignored);
    one->pause.cancel();
  }
}

void LinkListener::accept(Acceptor& one) {
  one.acceptor.async_accept([self = shared_from_this(), &one](const error_code& error, Socket socket) {
    if (!one.acceptor.is_open()) return;
    if (!error) {
      self->on_socket_(std::move(socket));
      return self->accept(one);
    }
    self->on_trouble_(error.message());
    one.pause.expires_after(kPause);
    one.pause.async_wait([self, &one](const error_code& stopped) {
      if (!stopped && one.acceptor.is_open()) self->accept(one);
    });
  });
}

}  // namespace danwa::infra
