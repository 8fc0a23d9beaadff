#pragma once

#include <memory>
#include <string>
#include <vector>

#include "infra/caf/cluster/cluster.hpp"
#include "infra/caf/cluster/link_events.hpp"

namespace danwa::infra {

/// The io thread of the cluster. It listens, dials, runs handshakes, keeps the membership, and passes authenticated
/// connections to their owner. Thread safe.
class LinkService final : public LinkEvents {
 public:
  /// Checks the options and binds. Throws std::runtime_error with one line.
  LinkService(ClusterOptions options, adapters::Logger& logger, adapters::Metrics& metrics);
  ~LinkService() override;

  /// `owner` must outlive `stop`.
  void start(LinkOwner& owner);

  /// The node leaves: no new connections.
  void leave();

  /// Cuts every connection, joins the thread. Idempotent.
  void stop();

  std::vector<Member> members() const;
  std::uint64_t incarnation() const;
  std::string bound_address() const;

  void link_up(std::uint64_t link) override;
  void link_lost(std::uint64_t link, std::string reason) override;
  void peer_left(std::uint64_t link) override;
  void heard_of(std::vector<std::string> addresses) override;

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace danwa::infra
