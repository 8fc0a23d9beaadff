#include "adapters/json/notification_json.hpp"

#include <chrono>

#include "adapters/json/object_writer.hpp"
#include "adapters/json/update_json.hpp"

namespace danwa::adapters {
namespace {

std::string recipient(const domain::ChannelKey& to) {
  std::string out;
  ObjectWriter object{out};
  object.text(domain::to_string(to.kind), to.key);
  object.end();
  return out;
}

std::uint64_t unix_seconds(domain::Timestamp time) {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

}  // namespace

std::string to_json(const domain::Notification& notification) {
  std::string out;
  ObjectWriter object{out};
  object.text("id", notification.id.to_string());
  object.raw("to", recipient(notification.to));
  object.text("text", notification.text.value());
  object.text("senderId", notification.sender.value());
  object.number("seq", notification.seq);
  object.number("timestamp", unix_seconds(notification.created_at));
  object.text("createdAt", domain::to_rfc3339(notification.created_at));
  object.end();
  return out;
}

std::string to_json(const usecase::ReadNotifications::Output& output) {
  std::string out;
  ObjectWriter object{out};
  object.raw("updates", json_array(output.updates, append_json));
  object.text("epoch", output.next.epoch);
  object.text("next", output.next.to_string());
  if (output.reset) object.raw("reset", "true");
  object.end();
  return out;
}

}  // namespace danwa::adapters
