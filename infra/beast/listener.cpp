#include "infra/beast/listener.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "adapters/http/header_text.hpp"

namespace danwa::infra {
namespace {

using adapters::http::parse_decimal;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 4096;
constexpr int kBatch = 64;  // connections taken in one go
constexpr std::chrono::milliseconds kRest{50};
constexpr std::chrono::seconds kReportInterval{1};
constexpr std::string_view kNoHandles =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

tcp::endpoint resolve(boost::asio::io_context& context, const std::string& address) {
  const auto colon = address.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_decimal(std::string_view{address}.substr(colon + 1));
  if (!port || *port > 65535) throw std::runtime_error{"http.listen \"" + address + "\" must be host:port"};
  auto host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  tcp::resolver resolver{context};
  error_code error;
  const auto found = resolver.resolve(host.empty() ? "0.0.0.0" : host, address.substr(colon + 1), error);
  if (error) throw std::runtime_error{"cannot resolve http.listen \"" + address + "\": " + error.message()};
  return found.begin()->endpoint();
}

std::string to_text(const tcp::endpoint& endpoint) {
  const auto host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

bool is_passing(const error_code& error) {  // of the one connection, not of the listener
  return error == boost::asio::error::connection_aborted || error == boost::asio::error::connection_reset ||
         error == boost::asio::error::interrupted;
}

}  // namespace

Listener::Listener(IoPool& pool, const std::string& address, OnSocket on_socket, adapters::Logger& log)
    : pool_{pool},
      acceptor_{pool.at(0)},
      socket_{pool.next()},
      timer_{pool.at(0)},
      on_socket_{std::move(on_socket)},
      log_{log},
      spare_{open_spare()} {
  bind(address);
}

Listener::~Listener() {
  if (spare_ >= 0) ::close(spare_);
}

void Listener::bind(const std::string& address) {
  const auto endpoint = resolve(pool_.at(0), address);
  error_code error;
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address{true});
  acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (error) throw std::runtime_error{"cannot listen on " + address + ": " + error.message()};
  acceptor_.non_blocking(true);
  bound_address_ = to_text(acceptor_.local_endpoint());
}

void Listener::start() {
  log_.info("http.listening", {{"address", bound_address_}});
  boost::asio::post(pool_.at(0), [this] { accept(); });
}

void Listener::stop() {
  boost::asio::post(pool_.at(0), [this] {
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
  });
}

void Listener::accept() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_accept(socket_, [this](const error_code& error) { on_accept(error); });
}

void Listener::on_accept(const error_code& error) {
  if (!acceptor_.is_open()) return;
  if (error) return on_failure(error);
  deal();
  accept_waiting();
}

void Listener::accept_waiting() {
  for (int i = 0; i < kBatch; ++i) {
    error_code error;
    acceptor_.accept(socket_, error);
    if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) break;
    if (error) return on_failure(error);
    deal();
  }
  accept();
}

void Listener::deal() {
  auto socket = std::exchange(socket_, tcp::socket{pool_.next()});
  const auto executor = socket.get_executor();
  boost::asio::post(executor, [this, socket = std::move(socket)]() mutable { on_socket_(std::move(socket)); });
}

void Listener::on_failure(const error_code& error) {
  if (is_passing(error)) return accept();
  report(error);
  if (error == boost::asio::error::no_descriptors) shed();
  rest();
}

void Listener::shed() {
  if (spare_ >= 0) ::close(spare_);
  for (int i = 0; i < kBatch; ++i) {
    const int fd = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) break;
    (void)::send(fd, kNoHandles.data(), kNoHandles.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(fd, SHUT_WR);
    ::close(fd);
  }
  spare_ = open_spare();
}

void Listener::rest() {
  timer_.expires_after(kRest);
  timer_.async_wait([this](const error_code& error) {
    if (!error) accept();
  });
}

void Listener::report(const error_code& error) {
  const auto now = std::chrono::steady_clock::now();
  if (now - reported_ < kReportInterval) return;
  reported_ = now;
  log_.warn("http.accept_failed", {{"err", error.message()}});
}

}  // namespace danwa::infra
