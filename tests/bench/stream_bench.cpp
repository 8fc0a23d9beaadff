// What an idle WebSocket costs in memory, and a delivered frame in CPU, without the feed behind it.
// stream_bench [watchers] [rounds]: a server on loopback, its clients in a child process. Prints one line
// of JSON: resident bytes per idle watcher, CPU microseconds per frame one at a time and in batches of 16.
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "infra/beast/ws_fixture.hpp"

namespace {

using namespace danwa;
using namespace danwa::beast;

long resident_kib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") {
      status >> word;
      return std::stol(word);
    }
  }
  return 0;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Reads and forgets until the server ends.
class Swallower : public WsClient {
 public:
  using WsClient::WsClient;
  int fd() const { return fd_; }
};

[[noreturn]] void run_clients(int port, std::size_t count) {
  const int epoll = ::epoll_create1(0);
  std::vector<Swallower> clients;
  clients.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(port);
    if (clients.back().read_answer().status != 101) std::_Exit(1);
    epoll_event event{EPOLLIN, {.fd = clients.back().fd()}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, clients.back().fd(), &event);
  }
  std::vector<char> space(1 << 16);
  std::vector<epoll_event> events(512);
  while (true) {
    const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      if (::recv(events[static_cast<std::size_t>(i)].data.fd, space.data(), space.size(), 0) <= 0) std::_Exit(0);
    }
  }
}

/// CPU microseconds per frame of `rounds` batches of `size` to every watcher.
double measure(StreamServer& server, std::size_t watchers, int rounds, int size) {
  delivery::FrameBatch frames;
  for (int i = 0; i < size; ++i) frames.push_back(make_frame(1, std::string(300, 'x')));
  const auto before = server.feed.at(0)->readies.load();
  const double start = cpu_seconds();
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < watchers; ++i) server.feed.at(i)->deliver(frames);
    while (server.feed.at(watchers - 1)->readies < before + round + 1 ||
           server.feed.at(0)->readies < before + round + 1) {
      std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
  }
  return (cpu_seconds() - start) * 1e6 / (static_cast<double>(watchers) * rounds * size);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t watchers = argc > 1 ? std::stoul(argv[1]) : 1'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 50;
  StreamServer server{StreamLimits{}};
  const long empty = resident_kib();
  const auto child = ::fork();
  if (child == 0) run_clients(server.port(), watchers);
  while (server.feed.count() < watchers) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  const long idle = resident_kib();
  const double single = measure(server, watchers, rounds, 1);
  const double batch = measure(server, watchers, rounds, 16);
  std::printf(
      "{\"watchers\": %zu, \"resident_bytes_per_watcher\": %.0f, "
      "\"cpu_us_per_frame\": %.2f, \"cpu_us_per_frame_in_batches_of_16\": %.2f}\n",
      watchers, static_cast<double>(idle - empty) * 1024.0 / static_cast<double>(watchers), single, batch);
  server->stop();
  ::waitpid(child, nullptr, 0);
}
