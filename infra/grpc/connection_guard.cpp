#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <utility>
#include <vector>

#include "infra/grpc/guarded_connection.hpp"

namespace danwa::grpc {

// An accept loop for a process without free descriptors. A waiting connection keeps the listening socket readable, so a
// loop that only tries again would spin. The listener therefore keeps one spare descriptor. It releases it, accepts and
// closes what waits, and opens the spare again: a client that is closed at once tries elsewhere or again, while one
// that waits in the backlog does not.
//
// `stop` does not wait for the io thread, which may be busy with others: a mutex keeps late connections from the owner.

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kBatch = 64;  // connections taken in one go
constexpr std::chrono::milliseconds kRest{50};
constexpr std::chrono::seconds kReportInterval{1};

int open_spare_descriptor() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

int accept_from(tcp::acceptor& acceptor) {
  return ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

bool is_of_the_connection(int error) { return error == ECONNABORTED || error == EINTR || error == EPROTO; }

}  // namespace

ConnectionListener::ConnectionListener(net::IoThread& io_thread, const net::ListenPlace& place, OnSocket on_socket,
                                       adapters::Logger& log)
    : io_thread_{io_thread}, log_{log}, spare_{open_spare_descriptor()}, on_socket_{std::move(on_socket)} {
  auto& io = io_thread.context();
  auto bound = net::listen_on(place, log);
  bound_address_ = bound.place.text();
  for (auto& one : bound.sockets) {
    const auto protocol = one.address.family() == AF_INET6 ? tcp::v6() : tcp::v4();
    tcp::acceptor acceptor{io, protocol, one.socket.release()};
    acceptor.non_blocking(true);
    acceptors_.push_back(std::make_unique<Acceptor>(Acceptor{std::move(acceptor), boost::asio::steady_timer{io}}));
  }
}

ConnectionListener::~ConnectionListener() {
  if (spare_ >= 0) ::close(spare_);
}

void ConnectionListener::start() {
  io_thread_.post([self = shared_from_this()] {
    for (const auto& one : self->acceptors_) self->wait(*one);
  });
}

std::future<void> ConnectionListener::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  auto closed = std::make_shared<std::promise<void>>();
  auto result = closed->get_future();
  io_thread_.post([self = shared_from_this(), closed = std::move(closed)] {
    for (const auto& one : self->acceptors_) {
      error_code ignored;
      one->acceptor.close(ignored);
      one->timer.cancel();
    }
    closed->set_value();
  });
  return result;
}

void ConnectionListener::wait(Acceptor& one) {
  if (!one.acceptor.is_open()) return;
  one.acceptor.async_wait(tcp::acceptor::wait_read, [self = shared_from_this(), &one](const error_code& error) {
    if (!error) self->accept_waiting(one);
  });
}

void ConnectionListener::accept_waiting(Acceptor& one) {
  for (int taken = 0; taken < kBatch && one.acceptor.is_open(); ++taken) {
    const int socket = accept_from(one.acceptor);
    if (socket < 0) {
      const int error = errno;
      if (error == EAGAIN) break;
      if (is_of_the_connection(error)) continue;
      return rest(one, error);
    }
    const int now = 1;
    (void)::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    pass_on(socket);
  }
  wait(one);
}

void ConnectionListener::pass_on(int socket) {
  const std::lock_guard lock{mutex_};
  if (stopped_) {
    ::close(socket);
  } else {
    on_socket_(socket);
  }
}

void ConnectionListener::rest(Acceptor& one, int error) {
  if (const auto now = std::chrono::steady_clock::now(); now - reported_ >= kReportInterval) {
    reported_ = now;
    log_.warn("grpc.accept_failed", {{"err", std::strerror(error)}});
  }
  if (error == EMFILE || error == ENFILE) shed(one);
  one.timer.expires_after(kRest);
  one.timer.async_wait([self = shared_from_this(), &one](const error_code& stopped) {
    if (!stopped) self->wait(one);
  });
}

/// Accepts and closes up to `kBatch` waiting connections, one at a time, with the spare descriptor.
void ConnectionListener::shed(Acceptor& one) {
  if (spare_ >= 0) ::close(spare_);
  for (int i = 0; i < kBatch; ++i) {
    const int socket = accept_from(one.acceptor);
    if (socket < 0) break;
    ::close(socket);
  }
  spare_ = open_spare_descriptor();
}

// The registry of all connections of the port. It keeps weak pointers: a connection lives as long as one of its
// handlers, holds the registry, and reports its end from its destructor. Under a flood of connections the descriptors
// run out first, so each one takes its three from the node's budget. When that is empty, the new connection is closed,
// and so are up to 16 idle ones, so that the next clients find a place. Connections that carry a call are never closed.

namespace {

constexpr std::chrono::seconds kRefusalLine{1};
constexpr std::chrono::milliseconds kRoomInterval{100};  // between two passes over all connections
constexpr std::size_t kRoom = 16;                        // idle connections closed in one pass
constexpr std::chrono::seconds kNewcomer{1};             // a new connection is not idle for this long
constexpr std::size_t kDescriptors = 3;                  // of a connection: its socket and a pair

}  // namespace

ConnectionGuard::ConnectionGuard(const ConnectionLimits& limits, std::function<void(int)> hand_over,
                                 net::DescriptorBudget::Share* descriptors, adapters::Logger& log)
    : to_grpc_{std::move(hand_over)},
      descriptors_{descriptors},
      log_{log},
      context_{.limits = limits,
               .hand_over = [this](int socket) { return this->hand_over(socket); },
               .on_refusal = [this](GuardedConnection& one, std::string_view reason) { report(one.peer(), reason); },
               .on_gone = [this](GuardedConnection* one) { forget(one); }} {}

void ConnectionGuard::add(net::IoThread& io_thread, int socket) {
  if (descriptors_ != nullptr && !descriptors_->take(kDescriptors)) {
    ::close(socket);
    make_room();
    return report("", "there are too many connections");
  }
  const std::shared_ptr<GuardContext> context{shared_from_this(), &context_};
  const auto connection = std::make_shared<GuardedConnection>(context, io_thread, socket);
  {
    const std::lock_guard lock{mutex_};
    connections_.emplace(connection.get(), connection);
  }
  connection->start();
}

void ConnectionGuard::make_room() {
  using Free = std::pair<std::chrono::steady_clock::time_point, std::shared_ptr<GuardedConnection>>;
  std::vector<Free> free;
  {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock{mutex_};
    if (now - made_room_ < kRoomInterval) return;
    made_room_ = now;
    for (const auto& [key, connection] : connections_) {
      const auto since = key->free_since();
      if (since > now - kNewcomer) continue;
      if (auto one = connection.lock()) free.emplace_back(since, std::move(one));
    }
  }
  const auto most = free.begin() + static_cast<std::ptrdiff_t>(std::min(free.size(), kRoom));
  std::partial_sort(free.begin(), most, free.end(), [](const Free& a, const Free& b) { return a.first < b.first; });
  for (auto one = free.begin(); one != most; ++one) one->second->make_room();
}

void ConnectionGuard::forget(GuardedConnection* connection) {
  if (descriptors_ != nullptr) descriptors_->give_back(kDescriptors);
  const std::lock_guard lock{mutex_};
  connections_.erase(connection);
}

bool ConnectionGuard::hand_over(int socket) {
  const std::lock_guard lock{handing_over_};
  if (stopped_) return false;
  to_grpc_(socket);
  return true;
}

void ConnectionGuard::stop_handing_over() {
  {
    const std::lock_guard lock{handing_over_};
    stopped_ = true;
  }
  for_each([](GuardedConnection& connection) { connection.close_unless_served(); });
}

void ConnectionGuard::close_all() {
  for_each([](GuardedConnection& connection) { connection.close(); });
}

std::size_t ConnectionGuard::size() const {
  const std::lock_guard lock{mutex_};
  return connections_.size();
}

template <class Action>
void ConnectionGuard::for_each(Action action) {
  std::vector<std::shared_ptr<GuardedConnection>> alive;  // a connection's destructor takes the lock: not under it
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [key, connection] : connections_) {
      if (auto one = connection.lock()) alive.push_back(std::move(one));
    }
  }
  for (const auto& connection : alive) action(*connection);
}

/// Logs at most one line a second, because a refused client may come again at once.
void ConnectionGuard::report(const std::string& peer, std::string_view reason) {
  const std::lock_guard lock{reporting_};
  ++refused_;
  const auto now = std::chrono::steady_clock::now();
  if (now - reported_ < kRefusalLine) return;
  reported_ = now;
  log_.info("grpc.connection_refused",
            {{"peer", peer}, {"reason", std::string{reason}}, {"count", std::exchange(refused_, 0)}});
}

}  // namespace danwa::grpc
