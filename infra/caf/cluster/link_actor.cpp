#include "infra/caf/cluster/link_actor.hpp"

#include <utility>

namespace danwa::infra {

// The two sides meet in this order. Dialler: BASP connects and returns the handle of the peer's bus; the actor monitors
// it and gives it to its own bus, which sends `BusHello`. Acceptor: BASP shows the own bus to the peer; `BusHello`
// arrives at the bus, which sends `LinkReady` here. Only direct handles are used, because CAF does not report the death
// of a handle that came through a third node.

void LinkState::bring_up() {
  const auto connection = std::exchange(start_->connection, nullptr);
  if (start_->role == LinkRole::acceptor) return start_->injection->accept(connection, start_->bus);
  auto on_remote = [this](const caf::actor& remote) {
    watch(remote);
    self_->send(start_->bus, LinkReady{start_->link, remote});
  };
  auto on_error = [this](std::string reason) { lose(std::move(reason)); };
  start_->injection->dial(self_, connection, std::move(on_remote), std::move(on_error));
}

void LinkState::on_ready(const caf::actor& remote) { watch(remote); }

void LinkState::watch(const caf::actor& remote) {
  self_->monitor(remote);
  if (const auto events = start_->events.lock()) events->link_up(start_->link);
}

void LinkState::on_down(const caf::down_msg& down) { lose(self_->system().render(down.reason)); }

void LinkState::lose(std::string reason) {
  self_->send(start_->bus, LinkGone{start_->link});
  if (const auto events = start_->events.lock()) events->link_lost(start_->link, std::move(reason));
  self_->quit();
}

caf::behavior link_behavior(LinkActor* self, const LinkStart& start) {
  auto& link = self->state;
  self->set_down_handler([&link](const caf::down_msg& down) { link.on_down(down); });
  link.prepare(start);
  return {
      [&link](LinkBegin) { link.bring_up(); },
      [&link](const LinkReady& ready) { link.on_ready(ready.remote); },
  };
}

}  // namespace danwa::infra
