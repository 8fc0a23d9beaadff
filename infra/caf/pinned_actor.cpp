#include "infra/caf/pinned_actor.hpp"

#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <future>
#include <memory>
#include <utility>

// CAF asks an actor to run itself through the `execution_unit` that the sender of a message passes on, or through its
// scheduler when there is none. A pinned actor replaces both by the unit of its lane, whoever the sender is. So CAF
// keeps its mailboxes, its clock and its own workers for every other actor, and needs no scheduler of ours.
//
// After the io threads have ended, CAF's workers run what is left: an actor must run once more to end.

namespace danwa::caf {
namespace {

constexpr std::size_t kMessagesAtOnce = 64;  // of one actor; then others have their turn

}  // namespace

void Lane::Home::exec_later(::caf::resumable* actor) {
  auto* const self = static_cast<PinnedActor*>(actor);
  const net::Job job{PinnedActor::run, self};
  if (!first && lane.thread_.is_current()) {
    if (lane.many_) self->is_one_of_many_ = *lane.many_;
    if (self->is_one_of_many_) return lane.thread_.run_as_one_of_many(job);
  }
  const bool taken = first ? lane.thread_.run_first(job) : lane.thread_.run(job);
  if (!taken) system().scheduler().enqueue(actor);
}

void Lane::Visit::exec_later(::caf::resumable* actor) { system().scheduler().enqueue(actor); }

PinnedActor::PinnedActor(::caf::actor_config& config)
    : event_based_actor{config}, home_{static_cast<Lane::Home&>(*config.host)} {}

void PinnedActor::enqueue(::caf::mailbox_element_ptr message, ::caf::execution_unit* /*from*/) {
  event_based_actor::enqueue(std::move(message), &home_);
}

void PinnedActor::launch(::caf::execution_unit* /*on*/, bool lazy, bool hide) {
  event_based_actor::launch(&home_, lazy, hide);
}

void PinnedActor::run(void* actor) {
  auto* const self = static_cast<PinnedActor*>(actor);
  switch (self->resume(&self->lane().visit_, kMessagesAtOnce)) {
    case ::caf::resumable::resume_later:
      return self->home_.exec_later(self);
    case ::caf::resumable::done:
    case ::caf::resumable::awaiting_message:
      return ::caf::intrusive_ptr_release(static_cast<::caf::resumable*>(self));
    case ::caf::resumable::shutdown_execution_unit:
      return;  // only CAF's own helpers answer this
  }
}

Lanes::Lanes(::caf::actor_system& system, net::IoThreads& threads) : threads_{threads} {
  for (std::size_t i = 0; i < threads.size(); ++i) lanes_.emplace_back(system, threads.at(i));
}

void Lanes::wait_for_jobs() {
  for (auto& lane : lanes_) {
    auto done = std::make_shared<std::promise<void>>();
    const auto ended = done->get_future();
    // A thread that has ended drops the function, and the broken promise ends the wait as well.
    lane.thread().post([done = std::move(done)] { done->set_value(); });
    ended.wait();
  }
}

Lane& Lanes::here_or_next() { return lanes_[threads_.here_or_next()]; }

}  // namespace danwa::caf
