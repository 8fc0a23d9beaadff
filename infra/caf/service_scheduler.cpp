#include "infra/caf/pinned_actor.hpp"

#include <utility>

namespace danwa::caf {

void SparingClock::set_ordinary_timeout(time_point due, ::caf::abstract_actor* self, ::caf::atom_value type,
                                        std::uint64_t id) {
  clock_.set_ordinary_timeout(due, self, type, id);
}

void SparingClock::set_multi_timeout(time_point due, ::caf::abstract_actor* self, ::caf::atom_value type,
                                     std::uint64_t id) {
  clock_.set_multi_timeout(due, self, type, id);
}

void SparingClock::set_request_timeout(time_point due, ::caf::abstract_actor* self, ::caf::message_id id) {
  clock_.set_request_timeout(due, self, id);
}

void SparingClock::cancel_ordinary_timeout(::caf::abstract_actor* self, ::caf::atom_value type) {
  clock_.cancel_ordinary_timeout(self, type);
}

void SparingClock::cancel_request_timeout(::caf::abstract_actor* self, ::caf::message_id id) {
  clock_.cancel_request_timeout(self, id);
}

void SparingClock::schedule_message(time_point due, ::caf::strong_actor_ptr receiver,
                                    ::caf::mailbox_element_ptr content) {
  clock_.schedule_message(due, std::move(receiver), std::move(content));
}

void SparingClock::schedule_message(time_point due, ::caf::group target, ::caf::strong_actor_ptr sender,
                                    ::caf::message content) {
  clock_.schedule_message(due, std::move(target), std::move(sender), std::move(content));
}

void SparingClock::cancel_all() { clock_.cancel_all(); }

}  // namespace danwa::caf
