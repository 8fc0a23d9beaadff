#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <functional>
#include <memory>
#include <string>

namespace danwa::infra {

/// Passes connected descriptors to CAF's BASP broker, so that CAF itself neither listens nor dials. Only this class
/// uses the messages that CAF 0.17 exchanges between its own middleman and broker. Its test is
/// tests/infra/caf/cluster/basp_injection_test.cpp. Thread safe.
class BaspInjection {
 public:
  explicit BaspInjection(caf::actor_system& system);

  /// Owns a descriptor that CAF knows but does not serve yet.
  struct Connection;
  using ConnectionPtr = std::shared_ptr<Connection>;
  ConnectionPtr take(int fd) const;

  /// The accepting side: the peer gets the handle of `published`.
  void accept(const ConnectionPtr& connection, const caf::actor& published) const;

  using OnRemote = std::function<void(const caf::actor& remote)>;
  using OnError = std::function<void(std::string reason)>;
  /// The dialling side: `on_remote` is called in `self` with the handle that the peer published, or `on_error` if the
  /// connection ends first. There is no time limit: the caller must cut a connection that stays silent.
  void dial(caf::event_based_actor* self, const ConnectionPtr& connection, OnRemote on_remote, OnError on_error) const;

 private:
  caf::actor_system& system_;
  caf::actor broker_;
};

}  // namespace danwa::infra
