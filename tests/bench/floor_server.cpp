// A bare epoll server that `danwa bench` can load as it loads danwad: the floor that ARCHITECTURE.md
// measures against. One thread, one send() per delivery, nothing is stored. Two of them are a cluster: each post goes
// to the other one over one connection, the posts of a round together. Only one of the two may get the posts of a
// conversation, since it numbers them alone.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/floor_wire.hpp"

namespace danwa::floor {
namespace {

constexpr std::uint32_t kNowhere = UINT32_MAX;
constexpr int kNone = -1;

/// A connection: small, since idle watchers are counted in bytes.
struct Peer {
  std::unique_ptr<std::string> in;   // half a request
  std::unique_ptr<std::string> out;  // what the socket did not take
  std::uint32_t room = kNowhere;     // watches it
  std::uint32_t seat = 0;            // its place among the room's watchers
};

struct Room {
  std::uint64_t seq = 0;
  std::vector<int> watchers;  // sockets
  std::string waiting;        // frames of this round, with --gather
};

/// Runs on: the program's one thread, for ever.
class Server {
 public:
  /// `link`: a connection to the other server, or kNone.
  Server(int listener, bool gather, int link)
      : listener_{listener}, gather_{gather}, link_{link}, scratch_(256 * 1024) {
    watch(listener_, EPOLL_CTL_ADD, EPOLLIN);
    if (link_ == kNone) return;
    add(link_);
    send(link_, kLink);
  }

  void run() {
    std::array<epoll_event, 512> events;
    for (;;) {
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_) {
          accept_all();
        } else {
          on_ready(event.data.fd, event.events);
        }
      }
      for (const auto number : waiting_) flush(rooms_[number]);
      waiting_.clear();
      if (!relayed_.empty()) send(link_, std::exchange(relayed_, {}));
    }
  }

 private:
  void watch(int fd, int operation, std::uint32_t wanted) const {
    epoll_event event{};
    event.events = wanted;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, operation, fd, &event);
  }

  Peer& peer(int fd) { return peers_[static_cast<std::size_t>(fd)]; }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      add(fd);
    }
  }

  void add(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (peers_.size() <= static_cast<std::size_t>(fd)) peers_.resize(static_cast<std::size_t>(fd) + 1);
    watch(fd, EPOLL_CTL_ADD, EPOLLIN);
  }

  void on_ready(int fd, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) send_rest(fd);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
    const auto got = ::recv(fd, scratch_.data(), scratch_.size(), 0);
    if (got > 0) {
      on_bytes(fd, {scratch_.data(), static_cast<std::size_t>(got)});
    } else if (got == 0 || errno != EAGAIN) {
      close(fd);
    }
  }

  void on_bytes(int fd, std::string_view bytes) {
    if (peer(fd).room != kNowhere) {
      if (bytes.front() != kClosed.front()) return;  // a pong
      send(fd, kClosed);
      close(fd);
      return;
    }
    std::string joined;
    if (auto before = std::move(peer(fd).in)) {
      joined = std::move(*before) += bytes;
      bytes = joined;
    }
    while (!bytes.empty() && peer(fd).room == kNowhere) {
      const auto used = fd == link_ ? take_relayed(bytes) : take_request(fd, bytes);
      if (used == 0) {
        peer(fd).in = std::make_unique<std::string>(bytes);
        return;
      }
      bytes.remove_prefix(used);
    }
  }

  /// The bytes of the request at the start; 0: it is incomplete.
  std::size_t take_request(int fd, std::string_view bytes) {
    const auto request = parse_request(bytes);
    if (!request) return 0;
    switch (request->kind) {
      case Request::Kind::post:
        on_post(fd, *request);
        break;
      case Request::Kind::watch:
        on_watch(fd, *request);
        break;
      case Request::Kind::link:
        link_ = fd;
    }
    return request->size;
  }

  std::size_t take_relayed(std::string_view bytes) {
    const auto relayed = parse_relayed(bytes);
    if (!relayed) return 0;
    announce(room_number(relayed->conversation), relayed->frame);
    return relayed->size;
  }

  std::uint32_t room_number(std::string_view conversation) {
    const auto [found, fresh] = numbers_.try_emplace(std::string{conversation}, rooms_.size());
    if (fresh) rooms_.emplace_back();
    return found->second;
  }

  void on_watch(int fd, const Request& request) {
    const auto number = room_number(request.conversation);
    auto& room = rooms_[number];
    flush(room);  // what was before this watcher is not for it
    peer(fd).room = number;
    peer(fd).seat = static_cast<std::uint32_t>(room.watchers.size());
    room.watchers.push_back(fd);
    send(fd, accepted(request));
  }

  void on_post(int fd, const Request& request) {
    const auto number = room_number(request.conversation);
    auto& room = rooms_[number];
    ++room.seq;
    send(fd, created(request, room.seq));
    const auto frame = comment_added(request, room.seq);
    if (link_ != kNone) relay(relayed_, request.conversation, frame);
    announce(number, frame);
  }

  void announce(std::uint32_t number, std::string_view frame) {
    auto& room = rooms_[number];
    if (room.waiting.empty()) waiting_.push_back(number);
    room.waiting += frame;
    if (!gather_) flush(room);
  }

  void flush(Room& room) {
    if (room.waiting.empty()) return;
    for (const int fd : room.watchers) send(fd, room.waiting);
    room.waiting.clear();
  }

  void send(int fd, std::string_view bytes) {
    auto& rest = peer(fd).out;
    if (rest) {
      rest->append(bytes);
      return;
    }
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return;  // the next read tells
    const auto taken = static_cast<std::size_t>(sent < 0 ? 0 : sent);
    if (taken == bytes.size()) return;
    rest = std::make_unique<std::string>(bytes.substr(taken));
    watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }

  void send_rest(int fd) {
    const auto rest = std::move(peer(fd).out);
    if (!rest) return;
    send(fd, *rest);
    if (!peer(fd).out) watch(fd, EPOLL_CTL_MOD, EPOLLIN);
  }

  void close(int fd) {
    if (peer(fd).room != kNowhere) {
      auto& watchers = rooms_[peer(fd).room].watchers;
      const auto seat = peer(fd).seat;
      watchers[seat] = watchers.back();
      peer(watchers[seat]).seat = seat;
      watchers.pop_back();
    }
    peer(fd) = {};
    if (fd == link_) link_ = kNone;
    ::close(fd);
  }

  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  const int listener_;
  const bool gather_;
  int link_;             // to the other server
  std::string relayed_;  // frames of this round for it
  std::vector<char> scratch_;
  std::vector<Peer> peers_;  // by socket
  std::vector<Room> rooms_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // of rooms, by conversation
  std::vector<std::uint32_t> waiting_;                      // rooms that got frames in this round
};

/// Listens on a free loopback port and says which.
int listen() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener, any, size) != 0 || ::listen(listener, 4096) != 0 || ::getsockname(listener, any, &size) != 0) {
    std::perror("danwa_floor_server");
    std::exit(1);
  }
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

/// A connection to the floor server at this loopback port.
int connect_to(const char* port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("danwa_floor_server: --link");
    std::exit(1);
  }
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

constexpr const char* kUsage =
    "usage: danwa_floor_server [--gather] [--link PORT]\n"
    "--gather: a round's frames leave in one write per socket\n"
    "--link: sends posts to the floor server at this port, and gets its posts\n";

}  // namespace
}  // namespace danwa::floor

int main(int argc, char** argv) {
  bool gather = false;
  int link = danwa::floor::kNone;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option{argv[i]};
    if (option == "--gather") {
      gather = true;
    } else if (option == "--link" && i + 1 < argc) {
      link = danwa::floor::connect_to(argv[++i]);
    } else {
      std::fputs(danwa::floor::kUsage, stderr);
      return 2;
    }
  }
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  danwa::floor::Server{danwa::floor::listen(), gather, link}.run();
}
