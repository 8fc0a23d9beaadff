#include "infra/caf/cluster.hpp"

#include <atomic>
#include <caf/all.hpp>
#include <map>
#include <mutex>

#include "domain/core/text.hpp"
#include "infra/caf/bus_actor.hpp"
#include "infra/caf/peer_actor.hpp"
#include "infra/caf/peer_connection_service.hpp"

namespace danwa::caf {

/// Joins the two halves of the cluster: the io thread, which owns sockets and membership, and CAF's actors, which own
/// the bus. `adopt`, `drop` and `tell_peers` are called by the io thread.
class Cluster::Impl final : public PeerOwner {
 public:
  Impl(const ClusterOptions& options, ::caf::actor_system& system, delivery::BusListener& listener,
       adapters::Logger& logger, adapters::Metrics& metrics)
      : system_{system},
        injection_{std::make_shared<const BaspInjection>(system)},
        service_{std::make_shared<PeerConnectionService>(options, logger, metrics)},
        interest_{std::make_shared<InterestInbox>()},
        bus_{system.spawn(bus_behavior, BusNeeds{listener, logger, metrics, service_, options.log, interest_})},
        inbox_{std::make_shared<FrameInbox>(metrics.inbox_drops)} {
    service_->start(*this);
  }

  ~Impl() override { stop(); }

  /// Without a link there is nobody to tell. The relay of a link that begins now tells its peer first to look at the
  /// log, which has the update already.
  void broadcast(delivery::FramePtr frame) {
    if (!linked_.load()) return;
    if (inbox_->put(std::move(frame))) ::caf::anon_send(bus_, FramesWait{inbox_});
  }

  /// A peer that comes later hears the next beat, and asks for what it missed.
  void broadcast_presence(std::string message) {
    if (linked_.load()) ::caf::anon_send(bus_, TellPresence{std::move(message), {}});
  }

  void tell(const delivery::PeerAddress& to, std::string message) {
    const auto link = domain::parse_number<std::uint64_t>(to);
    if (link && linked_.load()) ::caf::anon_send(bus_, TellPresence{std::move(message), *link});
  }

  void note_interest(const domain::ChannelKey& channel, bool watched) {
    if (interest_->note(channel.to_string(), watched)) ::caf::anon_send(bus_, InterestChanged{});
  }

  void adopt(PeerRole role, std::uint64_t link, int fd) override {
    PeerStart start{role, link, injection_->take(fd), bus_, injection_, service_};
    const auto watcher = system_.spawn(link_behavior, std::move(start));
    links_.insert_or_assign(link, watcher);
    note_links();
    ::caf::anon_send(bus_, ExpectPeer{link, watcher});
  }

  void drop(std::uint64_t link) override {
    const auto found = links_.find(link);
    if (found == links_.end()) return;
    ::caf::anon_send_exit(found->second, ::caf::exit_reason::user_shutdown);
    ::caf::anon_send(bus_, PeerGone{link});
    links_.erase(found);
    note_links();
  }

  void tell_peers(std::string addresses) override { ::caf::anon_send(bus_, TellPeers{std::move(addresses)}); }

  void leave() {
    service_->leave();
    ::caf::scoped_actor self{system_};
    self->request(bus_, std::chrono::seconds{1}, SayGoodbye{}).receive([](bool) {}, [](const ::caf::error&) {});
  }

  void stop() {
    std::call_once(stopped_, [this] {
      service_->stop();
      ::caf::scoped_actor waiter{system_};
      for (const auto& [link, watcher] : links_) end(waiter, watcher);
      links_.clear();
      end(waiter, bus_);
    });
  }

  const PeerConnectionService& service() const { return *service_; }

 private:
  void note_links() {
    linked_.store(!links_.empty());
    interest_->set_linked(!links_.empty());
  }

  static void end(::caf::scoped_actor& waiter, const ::caf::actor& actor) {
    waiter->send_exit(actor, ::caf::exit_reason::user_shutdown);
    waiter->wait_for(actor);
  }

  ::caf::actor_system& system_;
  std::shared_ptr<const BaspInjection> injection_;
  std::shared_ptr<PeerConnectionService> service_;
  const std::shared_ptr<InterestInbox> interest_;  // of bus_
  ::caf::actor bus_;
  const std::shared_ptr<FrameInbox> inbox_;      // for bus_
  std::map<std::uint64_t, ::caf::actor> links_;  // owned by the io thread, and by `stop` after that thread has ended
  std::atomic<bool> linked_{false};              // links_ is not empty
  std::once_flag stopped_;
};

Cluster::Cluster(ClusterOptions options, ::caf::actor_system& system, delivery::BusListener& listener,
                 adapters::Logger& logger, adapters::Metrics& metrics)
    : impl_{std::make_unique<Impl>(options, system, listener, logger, metrics)} {}
Cluster::~Cluster() = default;

void Cluster::broadcast(delivery::FramePtr frame) { impl_->broadcast(std::move(frame)); }
void Cluster::broadcast_presence(std::string message) { impl_->broadcast_presence(std::move(message)); }
void Cluster::tell(const delivery::PeerAddress& to, std::string message) { impl_->tell(to, std::move(message)); }
void Cluster::watched(const domain::ChannelKey& channel) { impl_->note_interest(channel, true); }
void Cluster::unwatched(const domain::ChannelKey& channel) { impl_->note_interest(channel, false); }
std::vector<Member> Cluster::members() const { return impl_->service().members(); }
std::uint64_t Cluster::incarnation() const { return impl_->service().incarnation(); }
std::string Cluster::bound_address() const { return impl_->service().bound_address(); }
void Cluster::leave() { impl_->leave(); }
void Cluster::stop() { impl_->stop(); }

}  // namespace danwa::caf
