#include "infra/beast/stream_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <algorithm>
#include <cassert>
#include <cerrno>

// The socket of a live stream. It does not use Asio's reads and writes: a gathered write is one `sendmsg` that never
// blocks, and a wait needs no buffer, so an idle stream holds none. Gather remembers where each frame ends. After a
// partial write only the rest of the frame that was begun is copied; the frames behind it stay shared, and a removal
// can still replace their text.

namespace danwa::beast {

void Gather::add(std::string_view piece) {
  if (piece.empty()) return;
  assert(pieces_ < vectors_.size());
  vectors_[pieces_++] = iovec{const_cast<char*>(piece.data()), piece.size()};  // writev's signature; never written to
  size_ += piece.size();
}

void Gather::copy_rest(std::size_t frame, std::size_t offset, std::string& out) const {
  const End begin = frame == 0 ? End{} : ends_[frame - 1];
  std::size_t skip = offset - begin.size;
  for (std::size_t i = begin.pieces; i < ends_[frame].pieces; ++i) {
    const std::string_view piece{static_cast<const char*>(vectors_[i].iov_base), vectors_[i].iov_len};
    if (skip < piece.size()) out += piece.substr(skip);
    skip -= std::min(skip, piece.size());
  }
}

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

StreamSocket::Result to_result(ssize_t size) {
  if (size >= 0) return {StreamSocket::Status::done, static_cast<std::size_t>(size)};
  const bool later = errno == EAGAIN || errno == EINTR;
  return {later ? StreamSocket::Status::would_block : StreamSocket::Status::closed, 0};
}

class TcpStreamSocket final : public StreamSocket {
 public:
  explicit TcpStreamSocket(tcp::socket socket) : socket_{std::move(socket)} {}

  Result write(std::span<const iovec> pieces) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg only reads them
    message.msg_iovlen = pieces.size();
    return to_result(::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT));
  }

  Result read(std::span<char> space) override {
    const auto result = to_result(::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT));
    return result.status == Status::done && result.size == 0 ? Result{Status::closed, 0} : result;
  }

  void wait_readable(std::shared_ptr<SocketEvents> events) override {
    socket_.async_wait(tcp::socket::wait_read, [events = std::move(events)](const error_code& error) {
      if (error != boost::asio::error::operation_aborted) events->on_readable();
    });
  }

  void wait_writable(std::shared_ptr<SocketEvents> events) override {
    socket_.async_wait(tcp::socket::wait_write, [events = std::move(events)](const error_code& error) {
      if (error != boost::asio::error::operation_aborted) events->on_writable();
    });
  }

  void end_output() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void reset_when_closed() override { set(SOL_SOCKET, SO_LINGER, linger{1, 0}); }

  void tune(const StreamLimits& limits) {
    // Small buffers in the kernel: a frame that waits in danwa costs a pointer, and its text can still be dropped if
    // its comment is removed meanwhile. TCP_USER_TIMEOUT ends a connection whose peer does not acknowledge.
    if (limits.send_buffer > 0) set(SOL_SOCKET, SO_SNDBUF, limits.send_buffer);
    if (limits.not_sent_low_water > 0) set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, limits.not_sent_low_water);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<unsigned>(limits.stall_timeout.count()));
  }

 private:
  /// A rejected option costs memory or time, never correctness.
  template <class Value>
  void set(int level, int name, Value value) {
    static_cast<void>(::setsockopt(socket_.native_handle(), level, name, &value, sizeof value));
  }

  tcp::socket socket_;
};

}  // namespace

std::unique_ptr<StreamSocket> to_stream_socket(tcp::socket socket, const StreamLimits& limits) {
  auto adopted = std::make_unique<TcpStreamSocket>(std::move(socket));
  adopted->tune(limits);
  return adopted;
}

}  // namespace danwa::beast
