#include "usecase/watch_notifications.hpp"

#include "usecase/inboxes.hpp"

namespace danwa::usecase {

domain::Result<Watch> WatchNotifications::execute(const Input& input, const domain::Credential& who) const {
  auto inboxes = inboxes_of(who);
  if (!inboxes) return domain::fail(std::move(inboxes).error());
  Watch watch;
  watch.delivery = input.delivery;
  watch.merged = true;
  for (auto& inbox : *inboxes) {
    auto after = input.after ? input.after->in(inbox) : std::nullopt;
    watch.channels.push_back({std::move(inbox), std::move(after), input.seen ? ReadFrom::master : ReadFrom::replica});
  }
  return watch;
}

}  // namespace danwa::usecase
