#include "infra/caf/peer_connection_service.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <thread>

#include "infra/caf/peer_connection_worker.hpp"
#include "infra/net/addresses.hpp"

namespace danwa::caf {

// The thread around PeerConnectionWorker, and the checks of the cluster's settings. Every call from outside is posted
// to the io thread, so PeerConnectionWorker and Membership need no lock.
//
// The checks run before a socket is bound, so a node that cannot work fails with one line that names the setting. The
// most important one: a listen address outside loopback needs mutual TLS, or an explicit `cluster.plain_network` with a
// secret of at least 16 bytes.

namespace {

constexpr std::size_t kMinSecret = 16;

[[noreturn]] void fail(const std::string& line) { throw std::runtime_error{line}; }

void check_address(const std::string& setting, const std::string& text) {
  const auto place = net::parse_host_port(text);
  if (!place) fail(setting + " " + place.error());
  if (place->host.empty()) fail(setting + " \"" + text + "\" must name a host");
  if (text.size() > Address::kMaxText) fail(setting + " must be at most 255 characters");
}

/// The addresses of cluster.listen.
std::vector<net::SocketAddress> resolve_listen(const std::string& text) {
  const auto place = net::parse_host_port(text);
  if (!place) fail("cluster.listen " + place.error());
  auto addresses = net::resolve(*place, net::Purpose::listen);
  if (!addresses) fail("cluster.listen " + addresses.error());
  return std::move(*addresses);
}

void check_open_network(const ClusterOptions& options, const std::vector<net::SocketAddress>& listen) {
  const auto is_local = [](const auto& address) { return address.is_loopback(); };
  if (options.tls || std::all_of(listen.begin(), listen.end(), is_local)) return;
  if (!options.plain_network) {
    fail("cluster.listen '" + options.listen +
         "' is not loopback: set cluster.tls, or cluster.plain_network = true "
         "and cluster.secret on a network you trust");
  }
  if (options.secret.size() < kMinSecret) {
    fail("cluster.secret needs at least 16 bytes when cluster.plain_network is set");
  }
}

ClusterOptions checked(ClusterOptions options) {
  if (!is_visible_ascii(options.name, kMaxNodeName)) fail("node.name must be 1 to 64 visible ASCII characters");
  const auto listen = resolve_listen(options.listen);
  const auto is_every = [](const auto& address) { return address.is_unspecified(); };
  if (options.advertise.empty() && std::any_of(listen.begin(), listen.end(), is_every)) {
    fail("cluster.advertise is needed when cluster.listen is '" + options.listen + "'");
  }
  if (!options.advertise.empty()) check_address("cluster.advertise", options.advertise);
  if (!options.http_advertise.empty() && !is_visible_ascii(options.http_advertise, Address::kMaxText)) {
    fail("http.advertise must be at most 255 visible ASCII characters");
  }
  for (const auto& seed : options.seeds) check_address("cluster.seeds", seed);
  check_open_network(options, listen);
  return options;
}

}  // namespace

class PeerConnectionService::Worker {
 public:
  Worker(ClusterOptions options, adapters::Logger& logger, adapters::Metrics& metrics)
      : worker_{io_, checked(std::move(options)), logger, metrics}, work_{io_.get_executor()} {}

  ~Worker() { stop(); }

  void start(PeerOwner& owner) {
    boost::asio::post(io_, [this, &owner] { worker_.start(owner); });
    thread_ = std::thread{[this] { io_.run(); }};
  }

  void stop() {
    if (!thread_.joinable()) return;
    boost::asio::post(io_, [this] {
      worker_.stop();
      boost::asio::post(io_, [this] { io_.stop(); });  // behind the closes that TLS connections have posted
    });
    thread_.join();
  }

  const PeerConnectionWorker& links() const { return worker_; }

  template <class Act>
  void post(Act act) {
    boost::asio::post(io_, [this, act = std::move(act)] { act(worker_); });
  }

 private:
  boost::asio::io_context io_{1};
  PeerConnectionWorker worker_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

PeerConnectionService::PeerConnectionService(ClusterOptions options, adapters::Logger& logger,
                                             adapters::Metrics& metrics)
    : worker_{std::make_shared<Worker>(std::move(options), logger, metrics)} {}
PeerConnectionService::~PeerConnectionService() = default;

void PeerConnectionService::start(PeerOwner& owner) { worker_->start(owner); }
void PeerConnectionService::leave() {
  worker_->post([](PeerConnectionWorker& worker) { worker.leave(); });
}
void PeerConnectionService::stop() { worker_->stop(); }
std::vector<Member> PeerConnectionService::members() const { return worker_->links().members(); }
std::uint64_t PeerConnectionService::incarnation() const { return worker_->links().incarnation(); }
std::string PeerConnectionService::bound_address() const { return worker_->links().bound_address(); }

void PeerConnectionService::link_up(std::uint64_t link) {
  worker_->post([link](PeerConnectionWorker& worker) { worker.link_up(link); });
}

void PeerConnectionService::link_lost(std::uint64_t link, std::string reason) {
  worker_->post([link, reason = std::move(reason)](PeerConnectionWorker& worker) { worker.link_lost(link, reason); });
}

void PeerConnectionService::peer_left(std::uint64_t link) {
  worker_->post([link](PeerConnectionWorker& worker) { worker.peer_left(link); });
}

void PeerConnectionService::heard_of(std::vector<std::string> addresses) {
  worker_->post([addresses = std::move(addresses)](PeerConnectionWorker& worker) { worker.heard_of(addresses); });
}

}  // namespace danwa::caf
