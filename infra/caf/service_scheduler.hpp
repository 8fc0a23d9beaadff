#pragma once

#include <caf/actor_system.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

namespace danwa::caf {

/// A clock that hands everything to CAF's, but for the end of an actor. CAF then cancels the timeouts of the actor, in
/// another thread, whether it has any or not. Every connection is an actor, so each end of a connection woke that
/// thread. A timeout that is left finds no actor and goes. Thread safe.
class SparingClock final : public ::caf::detail::thread_safe_actor_clock {
 public:
  /// `clock` outlives this.
  explicit SparingClock(::caf::detail::thread_safe_actor_clock& clock) : clock_{clock} {}

  void cancel_timeouts(::caf::abstract_actor* /*self*/) override {}

  void set_ordinary_timeout(time_point due, ::caf::abstract_actor* self, ::caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point due, ::caf::abstract_actor* self, ::caf::atom_value type,
                         std::uint64_t id) override;
  void set_request_timeout(time_point due, ::caf::abstract_actor* self, ::caf::message_id id) override;
  void cancel_ordinary_timeout(::caf::abstract_actor* self, ::caf::atom_value type) override;
  void cancel_request_timeout(::caf::abstract_actor* self, ::caf::message_id id) override;
  void schedule_message(time_point due, ::caf::strong_actor_ptr receiver, ::caf::mailbox_element_ptr content) override;
  void schedule_message(time_point due, ::caf::group target, ::caf::strong_actor_ptr sender,
                        ::caf::message content) override;
  void cancel_all() override;

 private:
  ::caf::detail::thread_safe_actor_clock& clock_;
};

/// CAF's scheduler `sharing` for the actors that have no io thread, with a clock that wakes nobody in vain. The default
/// `stealing` one burns a third of a core at 50 messages a second. A module of `::caf::actor_system_config::load`.
class ServiceScheduler final : public ::caf::scheduler::coordinator<::caf::policy::work_sharing> {
 public:
  explicit ServiceScheduler(::caf::actor_system& system) : coordinator{system}, clock_{coordinator::clock()} {}

  static ::caf::actor_system::module* make(::caf::actor_system& system, ::caf::detail::type_list<> /*unused*/) {
    return new ServiceScheduler{system};
  }

 private:
  ::caf::detail::thread_safe_actor_clock& clock() noexcept override { return clock_; }

  SparingClock clock_;
};

}  // namespace danwa::caf
