#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <vector>

#include "contract/bus_contract.hpp"
#include "infra/caf/cluster.hpp"
#include "infra/caf/handshake.hpp"

namespace danwa::tests {
namespace {

using std::chrono::milliseconds;

struct Config : ::caf::actor_system_config {
  Config() {
    set("scheduler.policy", ::caf::atom("sharing"));
    set("scheduler.max-threads", 2);
    load<::caf::io::middleman>();
    set("middleman.heartbeat-interval", ::caf::timespan{milliseconds{500}});
    set("middleman.connection-timeout", ::caf::timespan{milliseconds{2000}});
    set("middleman.app-identifiers", std::vector<std::string>{"danwa"});
  }
};

class CafNode final : public BusNode {
 public:
  CafNode(const std::string& name, std::vector<std::string> seeds)
      : cluster_{options(name, std::move(seeds)), system_, heard_, log_, metrics_} {
    cluster_.watched(room());
  }

  delivery::PeerBus& bus() override { return cluster_; }
  void stop() override { cluster_.stop(); }
  std::string address() const { return cluster_.bound_address(); }

 private:
  static caf::ClusterOptions options(const std::string& name, std::vector<std::string> seeds) {
    caf::ClusterOptions options;
    options.name = name;
    options.listen = "127.0.0.1:0";
    options.seeds = std::move(seeds);
    options.secret = "secret";
    return options;
  }

  Config config_;
  ::caf::actor_system system_{config_};
  caf::Cluster cluster_;
};

void send_to(const std::string& address, const std::string& bytes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(caf::Address::parse(address)->port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
    ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  ::close(fd);
}

class CafWorld final : public BusWorld {
 public:
  std::unique_ptr<BusNode> start_node() override {
    auto node = std::make_unique<CafNode>("node-" + std::to_string(addresses_.size() + 1), addresses_);
    addresses_.push_back(node->address());
    return node;
  }

  void send_garbage() override {
    for (const auto& address : addresses_) {
      for (const auto& bytes :
           {std::string{"GET / HTTP/1.1\r\n\r\n"}, std::string(4096, '\0'), std::string(99, '\1')}) {
        send_to(address, bytes);
      }
    }
  }

 private:
  std::vector<std::string> addresses_;
};

}  // namespace

std::unique_ptr<BusWorld> make_caf_world() { return std::make_unique<CafWorld>(); }

}  // namespace danwa::tests
