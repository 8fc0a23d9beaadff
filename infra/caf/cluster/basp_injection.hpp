#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <functional>
#include <memory>
#include <string>

namespace danwa::infra {

/// Hands connected descriptors to CAF's BASP broker, so that CAF itself neither listens nor dials. The
/// one place that uses messages CAF 0.17 exchanges between its own middleman and broker; its test is
/// tests/infra/caf/cluster/basp_injection_test.cpp. Thread safe.
class BaspInjection {
 public:
  explicit BaspInjection(caf::actor_system& system);

  /// Owns a descriptor that CAF knows but does not serve yet.
  struct Connection;
  using ConnectionPtr = std::shared_ptr<Connection>;
  ConnectionPtr take(int fd) const;

  /// The accepting side: shows `published` to the peer.
  void accept(const ConnectionPtr& connection, const caf::actor& published) const;

  using OnRemote = std::function<void(const caf::actor& remote)>;
  using OnError = std::function<void(std::string reason)>;
  /// The dialling side: one of the two is called in `self`, with what the peer published, or when the
  /// connection ends first; so the caller must cut one that stays silent.
  void dial(caf::event_based_actor* self, const ConnectionPtr& connection, OnRemote on_remote, OnError on_error) const;

 private:
  caf::actor_system& system_;
  caf::actor broker_;
};

}  // namespace danwa::infra
