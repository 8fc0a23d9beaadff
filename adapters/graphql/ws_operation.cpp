#include "adapters/graphql/ws_operation.hpp"

#include <utility>

namespace danwa::adapters::graphql {

Outcome<void> WsOperation::read_subscription(const Door& door) {
  auto read = door.read_subscription(prepared_);
  if (!read) return graphql::refuse(std::move(read).error());
  subscription_ = std::move(*read);
  return {};
}

void WsOperation::watch(Door& door, usecase::Watch watch, std::weak_ptr<Owner> owner,
                        std::weak_ptr<http::MessageLink> link) {
  writer_.emplace(door.schema(), *subscription_, door.events());
  owner_ = std::move(owner);
  link_ = std::move(link);
  held_ = door.feed().watch(std::move(watch), std::weak_ptr<Watcher>{shared_from_this()});
  held_->ready();
}

void WsOperation::deliver(FrameBatch frames) {
  const auto link = link_.lock();
  if (!link) return;
  link->post([self = shared_from_this(), frames = std::move(frames)]() mutable {
    if (self->stopped_) return;
    self->batch_ = std::move(frames);
    self->next_ = 0;
    if (const auto owner = self->owner_.lock()) owner->on_batch(self);
  });
}

void WsOperation::end(WatchEnd reason) {
  const auto link = link_.lock();
  if (!link) return;
  link->post([self = shared_from_this(), reason] {
    if (self->stopped_) return;
    if (const auto owner = self->owner_.lock()) owner->on_watch_end(self, reason);
  });
}

void WsOperation::ready() {
  if (waits()) return;  // the next batch is here already; it is ready when the answers to that are written
  batch_ = {};
  next_ = 0;
  if (held_) held_->ready();
}

void WsOperation::stop() {
  stopped_ = true;
  batch_ = {};
  next_ = 0;
  held_.reset();
}

}  // namespace danwa::adapters::graphql
