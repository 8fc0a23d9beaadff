#pragma once

#include <caf/actor.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/execution_unit.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <cstddef>
#include <deque>
#include <optional>
#include <type_traits>
#include <utility>

#include "infra/net/io_threads.hpp"

namespace danwa::caf {

/// The place of actors on an io thread. An actor of a lane runs on that thread only, in its turns. So it may touch what
/// the thread owns, and a message to it from the same thread takes no lock and wakes nobody. Outlives its actors.
class Lane {
 public:
  /// `system` is used only when actors run, so it may be constructed later.
  Lane(::caf::actor_system& system, net::IoThread& thread)
      : thread_{thread}, front_{system, *this, true}, home_{system, *this, false}, visit_{&system} {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  net::IoThread& thread() { return thread_; }

  /// While it lives, the actors that a message wakes become some of very many, or cease to be: see net::IoThread. An
  /// actor stays what it became last, whoever wakes it from this thread. On this thread only.
  class Many {
   public:
    Many(Lane& lane, bool many) : lane_{lane} { lane_.many_ = many; }
    ~Many() { lane_.many_.reset(); }
    Many(const Many&) = delete;
    Many& operator=(const Many&) = delete;

   private:
    Lane& lane_;
  };

  /// Starts an actor here, like `system.spawn(function, arguments...)`. The function takes a pointer to a
  /// `::caf::stateful_actor<State, PinnedActor>` first.
  template <class Function, class... Arguments>
  ::caf::actor spawn(Function function, Arguments&&... arguments) {
    return spawn_at(home_, std::move(function), std::forward<Arguments>(arguments)...);
  }

  /// The same for an actor that gives work to many others: its turn comes before theirs.
  template <class Function, class... Arguments>
  ::caf::actor spawn_first(Function function, Arguments&&... arguments) {
    return spawn_at(front_, std::move(function), std::forward<Arguments>(arguments)...);
  }

 private:
  friend class PinnedActor;

  /// Schedules the actors of the lane. Thread safe.
  struct Home final : ::caf::execution_unit {
    Home(::caf::actor_system& system, Lane& owner, bool goes_first)
        : execution_unit{&system}, lane{owner}, first{goes_first} {}
    void exec_later(::caf::resumable* actor) override;

    Lane& lane;
    bool first;  // before the actors of the other one
  };

  template <class Function, class... Arguments>
  ::caf::actor spawn_at(Home& home, Function function, Arguments&&... arguments) {
    ::caf::actor_config config{&home};
    return home.system().spawn_functor(std::true_type{}, config, function, std::forward<Arguments>(arguments)...);
  }

  /// Runs them. An actor of no lane that they wake goes to CAF's own workers.
  struct Visit final : ::caf::execution_unit {
    using execution_unit::execution_unit;
    void exec_later(::caf::resumable* actor) override;
  };

  net::IoThread& thread_;
  std::optional<bool> many_;  // set and read on this thread
  Home front_;
  Home home_;
  Visit visit_;
};

/// An actor that runs on the io thread of its lane; a base for `::caf::stateful_actor`. See Lane::spawn.
class PinnedActor : public ::caf::event_based_actor {
 public:
  explicit PinnedActor(::caf::actor_config& config);

  Lane& lane() const { return home_.lane; }

  using ::caf::event_based_actor::enqueue;
  void enqueue(::caf::mailbox_element_ptr message, ::caf::execution_unit* from) override;
  void launch(::caf::execution_unit* on, bool lazy, bool hide) override;

 private:
  friend class Lane;
  static void run(void* actor);

  Lane::Home& home_;
  bool is_one_of_many_ = false;  // used on the thread of the lane only
};

/// The lanes of all io threads of a node.
class Lanes {
 public:
  Lanes(::caf::actor_system& system, net::IoThreads& threads);

  std::size_t size() const { return lanes_.size(); }
  Lane& at(std::size_t index) { return lanes_[index]; }

  /// Waits until every io thread has ended the job that it runs now. Not on an io thread.
  void wait_for_jobs();

  /// The lane of the caller's io thread, or of the next one in turn. Thread safe.
  Lane& here_or_next();

 private:
  net::IoThreads& threads_;
  std::deque<Lane> lanes_;  // in the order of the threads
};

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

/// Runs the actors that have no io thread. It is CAF's scheduler `sharing` with a SparingClock. CAF's default one,
/// `stealing`, burns a third of a core at 50 messages a second. A module of `::caf::actor_system_config::load`.
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
