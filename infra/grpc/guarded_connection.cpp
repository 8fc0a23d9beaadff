#include "infra/grpc/guarded_connection.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

// gRPC 1.51 lets a client that is not authenticated hold a core: an endless header block, a flood of resets, pings or
// settings. So its bytes pass a frame guard first, and this relay owns the client's socket. It uses nonblocking sockets
// and no thread of its own. Bytes go through one buffer per io thread. Bytes that the other side does not take at once
// are kept, and reading stops until they are taken.
//
// The states of a connection, in their only order; all except the first and the last may be skipped:
//   opening    until the preface is complete; gRPC knows nothing of it; at most `preface`
//   open       bytes are copied both ways; without a call at most `without_call`
//   leaving    GOAWAY was sent, by this side or by gRPC; calls go on, new ones may still arrive; without a call at most
//              `goodbye`
//   finishing  gRPC's end is closed; the client gets its last bytes and GOAWAY, and its own bytes are dropped; at most
//              `last_bytes`. A refused client is not even read, for `penalty`.
//   closed
//
// One timer serves all deadlines. It is set for the earliest one, never moved to a later time, and computes the next
// one when it fires. So a call costs no timer operation.

namespace danwa::grpc {
namespace {

using boost::system::error_code;
namespace http2 = adapters::http2;

constexpr std::size_t kReadSize = std::size_t{16} * 1024;
constexpr int kReadsInTurn = 4;  // then other connections of the io thread have their turn
constexpr std::string_view kNotHttp2 =
    "HTTP/1.1 505 HTTP Version Not Supported\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 60\r\n\r\nThis port speaks gRPC (HTTP/2). HTTP/1.1 has its own port.\r\n";

std::array<char, kReadSize>& lane_buffer() {
  static thread_local std::array<char, kReadSize> buffer;
  return buffer;
}

bool would_block(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

GuardedConnection::GuardedConnection(std::shared_ptr<GuardContext> context, net::IoThread& io_thread, int socket)
    : context_{std::move(context)},
      io_thread_{io_thread},
      client_{io_thread.context()},
      server_{io_thread.context()},
      guard_{context_->limits.frames},
      timer_{io_thread.context()} {
  client_.socket.assign(socket);
}

GuardedConnection::~GuardedConnection() {
  error_code ignored;
  client_.socket.close(ignored);
  server_.socket.close(ignored);
  context_->on_gone(this);
}

void GuardedConnection::start() {
  io_thread_.post([self = shared_from_this()] {
    self->set_timer();
    self->pump_client();
  });
}

void GuardedConnection::close() {
  io_thread_.post([self = shared_from_this()] { self->close_now(); });
}

void GuardedConnection::close_unless_served() {
  io_thread_.post([self = shared_from_this()] {
    if (!self->server_.socket.is_open()) self->close_now();
  });
}

void GuardedConnection::make_room() {
  io_thread_.post([self = shared_from_this()] {
    if (self->calls_ || self->finishing_ || self->closed_) return;
    self->guard_.has_preface() ? self->leave() : self->close_now();
  });
}

std::string GuardedConnection::peer() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  constexpr int kNumbers = NI_NUMERICHOST | NI_NUMERICSERV;
  if (::getpeername(client_.socket.native_handle(), raw, &size) != 0 ||
      ::getnameinfo(raw, size, host.data(), host.size(), port.data(), port.size(), kNumbers) != 0) {
    return {};
  }
  const std::string name{host.data()};
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + port.data();
}

void GuardedConnection::wait_read(End& end) {
  if (closed_ || std::exchange(end.reads, true)) return;
  end.socket.async_wait(end.socket.wait_read, [self = shared_from_this(), &end](const error_code& error) {
    end.reads = false;
    if (!error && !self->closed_) self->on_readable(end);
  });
}

void GuardedConnection::wait_write(End& end) {
  if (closed_ || std::exchange(end.writes, true)) return;
  end.socket.async_wait(end.socket.wait_write, [self = shared_from_this(), &end](const error_code& error) {
    end.writes = false;
    if (!error && !self->closed_) self->flush(end);
  });
}

void GuardedConnection::on_readable(End& end) {
  if (&end == &server_) return pump_server();
  if (refused_) return;
  finishing_ ? discard() : pump_client();
}

/// Reads into the io thread's buffer. Returns the number of bytes; 0: end of the stream; -1: nothing now, or the
/// connection was closed. An error of gRPC's end counts as the end of its stream: the kernel reports one if gRPC closes
/// with unread bytes.
long GuardedConnection::read_from(End& end) {
  const auto size = ::recv(end.socket.native_handle(), lane_buffer().data(), kReadSize, 0);
  if (size >= 0) return size;
  if (would_block(errno)) {
    wait_read(end);
  } else if (&end == &server_) {
    return 0;
  } else {
    close_now();
  }
  return -1;
}

void GuardedConnection::pump_client() {
  for (int turn = 0; turn < kReadsInTurn; ++turn) {
    if (closed_ || finishing_ || client_.ended || server_.has_pending()) return;
    const auto size = read_from(client_);
    if (size < 0) return;
    if (size == 0) return end_of_client();
    const auto now = Clock::now();
    const auto accepted = guard_.from_client({lane_buffer().data(), static_cast<std::size_t>(size)}, now);
    if (guard_.has_preface() && !server_.socket.is_open() && !open_server()) return close_now();
    if (!send(server_, accepted.held, accepted.pass)) return;
    after_frames(now);
    if (static_cast<std::size_t>(size) < kReadSize) break;
  }
  if (!server_.has_pending() && !refused_) wait_read(client_);
}

void GuardedConnection::pump_server() {
  for (int turn = 0; turn < kReadsInTurn; ++turn) {
    if (closed_ || finishing_ || server_.ended || client_.has_pending()) return;
    const auto size = read_from(server_);
    if (size < 0) return;
    if (size == 0) return end_of_server();
    const auto now = Clock::now();
    const std::string_view bytes{lane_buffer().data(), static_cast<std::size_t>(size)};
    guard_.from_server(bytes, now);
    if (!send(client_, {}, bytes)) return;
    after_frames(now);
    if (bytes.size() < kReadSize) break;
  }
  if (!client_.has_pending()) wait_read(server_);
}

/// Makes the socket pair and passes one end to gRPC. False: no descriptor is free, or gRPC takes no further socket.
bool GuardedConnection::open_server() {
  std::array<int, 2> pair{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) != 0) return false;
  for (const int socket : pair) {
    const int size = context_->limits.pair_buffer;
    (void)::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
  if (!context_->hand_over(pair[1])) {
    for (const int socket : pair) ::close(socket);
    return false;
  }
  server_.socket.assign(pair[0]);
  wait_read(server_);
  return true;
}

/// Sends both pieces and keeps the bytes that are not taken. False: the connection is closed.
bool GuardedConnection::send(End& to, std::string_view first, std::string_view second) {
  if (closed_) return false;
  if (first.empty() && second.empty()) return true;
  std::size_t sent = 0;
  if (!to.has_pending()) {
    std::array<iovec, 2> pieces{iovec{const_cast<char*>(first.data()), first.size()},
                                iovec{const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const auto size = ::sendmsg(to.socket.native_handle(), &message, MSG_NOSIGNAL);
    if (size < 0 && !would_block(errno)) return fail(to);
    if (size > 0) sent = static_cast<std::size_t>(size);
  }
  if (sent == first.size() + second.size()) return true;
  to.pending += first.substr(std::min(sent, first.size()));
  to.pending += second.substr(sent > first.size() ? sent - first.size() : 0);
  wait_write(to);
  return true;
}

/// A write has failed for good. A lost client closes the connection: false. If gRPC's end failed, gRPC may have sent
/// the reason before, so its bytes are still read for a while.
bool GuardedConnection::fail(End& to) {
  if (&to == &client_) {
    close_now();
    return false;
  }
  closing_by_ = std::min(closing_by_, Clock::now() + context_->limits.last_bytes);
  set_timer();
  return true;
}

void GuardedConnection::flush(End& to) {
  while (to.taken < to.pending.size()) {
    const auto size =
        ::send(to.socket.native_handle(), to.pending.data() + to.taken, to.pending.size() - to.taken, MSG_NOSIGNAL);
    if (size < 0) {
      if (would_block(errno)) return wait_write(to);
      if (!fail(to)) return;
      break;
    }
    to.taken += static_cast<std::size_t>(size);
  }
  to.pending = {};  // frees the memory: an idle connection holds no buffer
  to.taken = 0;
  on_flushed(to);
}

void GuardedConnection::on_flushed(End& to) {
  if (&to == &server_) {
    if (client_.ended) return end_of_client();
    return pump_client();
  }
  if (refused_) return;
  finishing_ || server_.ended ? finish({}) : pump_server();
}

/// The client sends no more. gRPC sees the end after it has taken all bytes, and then ends the connection.
void GuardedConnection::end_of_client() {
  client_.ended = true;
  if (!server_.socket.is_open() || finishing_) return close_now();
  closing_by_ = std::min(closing_by_, Clock::now() + context_->limits.last_bytes);
  set_timer();
  if (!server_.has_pending()) ::shutdown(server_.socket.native_handle(), SHUT_WR);
}

/// gRPC has closed its end.
void GuardedConnection::end_of_server() {
  server_.ended = true;
  finish({});
}

void GuardedConnection::after_frames(Time now) {
  if (finishing_) return;
  if (guard_.refusal()) return refuse();
  if (guard_.server_leaves() && leaving_since_ == Time::max()) leaving_since_ = now;
  const bool called = calls_ || guard_.last_stream() != latest_call_;
  calls_ = guard_.open_streams() > 0;
  latest_call_ = guard_.last_stream();
  if (called && !calls_) idle_since_ = now;
  if (called) free_since_ = calls_ ? Time::max() : idle_since_;
  set_timer();
}

void GuardedConnection::refuse() {
  const auto& refusal = *guard_.refusal();
  context_->on_refusal(*this, refusal.reason);
  refused_ = true;
  stop_carrying(Clock::now() + context_->limits.penalty);
  if (!guard_.has_preface()) {
    send(client_, kNotHttp2, {});
  } else if (guard_.server_between_frames()) {
    send(client_, http2::goaway_frame(guard_.last_stream(), refusal.code, refusal.reason), {});
  }
}

/// Sends GOAWAY because of idleness. The client may have opened a call that is on its way, so GOAWAY names the highest
/// stream id, and the connection goes on for `goodbye` (RFC 9113 section 6.8).
void GuardedConnection::say_goodbye(Time now) {
  leaving_since_ = now;
  if (!guard_.server_between_frames()) return finish({});
  send(client_, http2::goaway_frame(http2::kMaxStream, http2::ErrorCode::no_error, "no call for too long"), {});
}

void GuardedConnection::leave() {
  if (!guard_.server_between_frames()) return finish({});
  finish(http2::goaway_frame(guard_.last_stream(), http2::ErrorCode::no_error, ""));
}

/// Closes gRPC's end. The client's socket is closed by `by` at the latest.
void GuardedConnection::stop_carrying(Time by) {
  finishing_ = true;
  closing_by_ = std::min(closing_by_, by);
  set_timer();
  error_code ignored;
  server_.socket.close(ignored);
}

/// Ends the connection after the client has taken all pending bytes and `last_words`.
void GuardedConnection::finish(std::string_view last_words) {
  if (closed_) return;
  if (!finishing_) stop_carrying(Clock::now() + context_->limits.last_bytes);
  if (!send(client_, last_words, {}) || client_.has_pending()) return;
  ::shutdown(client_.socket.native_handle(), SHUT_WR);
  if (client_.ended) return close_now();
  discard();
}

/// Reads and drops bytes until the client closes. A close with unread bytes makes the kernel send a reset, and the
/// client might then never read the last bytes.
void GuardedConnection::discard() {
  for (int turn = 0; turn < kReadsInTurn; ++turn) {
    const auto size = read_from(client_);
    if (size < 0) return;
    if (size == 0) {
      client_.ended = true;
      return client_.has_pending() ? void() : close_now();
    }
    discarded_ += static_cast<std::size_t>(size);
    if (discarded_ > context_->limits.discarded) return close_now();
  }
  wait_read(client_);
}

void GuardedConnection::close_now() {
  if (std::exchange(closed_, true)) return;
  error_code ignored;
  client_.socket.close(ignored);
  server_.socket.close(ignored);
  timer_.cancel();
}

/// The earliest deadline; Time::max(): none.
GuardedConnection::Time GuardedConnection::due() const {
  if (closing_by_ != Time::max()) return closing_by_;
  if (!guard_.has_preface()) return opened_ + context_->limits.preface;
  auto due = guard_.header_deadline().value_or(Time::max());
  if (guard_.open_streams() > 0) return due;
  const bool leaves = leaving_since_ != Time::max();
  const auto since = leaves ? std::max(leaving_since_, idle_since_) : idle_since_;
  return std::min(due, since + (leaves ? context_->limits.goodbye : context_->limits.without_call));
}

void GuardedConnection::set_timer() {
  const auto wanted = due();
  if (closed_ || wanted >= armed_) return;
  armed_ = wanted;
  timer_.expires_at(wanted);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->on_timer();
  });
}

void GuardedConnection::on_timer() {
  armed_ = Time::max();
  const auto now = Clock::now();
  if (now >= due()) {
    if (closing_by_ != Time::max() || !guard_.has_preface()) return close_now();
    if (guard_.header_deadline().value_or(Time::max()) <= now) {
      guard_.refuse_late_headers();
      return refuse();
    }
    if (leaving_since_ != Time::max()) return leave();
    say_goodbye(now);
  }
  set_timer();
}

}  // namespace danwa::grpc
