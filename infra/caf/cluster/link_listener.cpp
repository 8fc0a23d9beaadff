#include "infra/caf/cluster/link_listener.hpp"

#include <stdexcept>

namespace danwa::infra {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kPause{100};

tcp::endpoint endpoint_of(const Address& address) {
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  return {boost::asio::ip::make_address(host), address.port};
}

}  // namespace

LinkListener::LinkListener(boost::asio::io_context& io, const Address& address) : acceptor_{io}, pause_{io} {
  const auto endpoint = endpoint_of(address);
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
  if (error) throw std::runtime_error{"cluster.listen '" + address.to_string() + "': " + error.message()};
}

Address LinkListener::bound() const {
  error_code ignored;
  const auto endpoint = acceptor_.local_endpoint(ignored);
  return {endpoint.address().to_string(), endpoint.port()};
}

void LinkListener::start(OnSocket on_socket, OnTrouble on_trouble) {
  on_socket_ = std::move(on_socket);
  on_trouble_ = std::move(on_trouble);
  accept();
}

void LinkListener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void LinkListener::accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, Socket socket) {
    if (!self->acceptor_.is_open()) return;
    if (!error) {
      self->on_socket_(std::move(socket));
      return self->accept();
    }
    self->on_trouble_(error.message());
    self->pause_.expires_after(kPause);
    self->pause_.async_wait([self](const error_code& stopped) {
      if (!stopped && self->acceptor_.is_open()) self->accept();
    });
  });
}

}  // namespace danwa::infra
