#include "infra/redis/redis_publisher.hpp"

#include <boost/asio/post.hpp>

#include "domain/core/overloaded.hpp"
#include "infra/redis/command.hpp"

namespace danwa::infra {

void RedisPublisher::note(PublishQueue::Put put) {
  if (put.dropped > 0) metrics_.relay_drops.add(put.dropped);
  if (!put.wake) return;
  boost::asio::post(io_, [this] {
    queue_.woken();
    link_.wake();
  });
}

/// The reply to PUBLISH is the number of receivers, the reply to PING a status.
void RedisPublisher::on_reply(Reply reply) {
  if (reply.kind != Reply::Kind::integer && reply.kind != Reply::Kind::status) metrics_.bus_unexpected.add();
}

std::size_t RedisPublisher::fill(std::string& commands, std::size_t enough) {
  std::size_t count = 0;
  while (commands.size() < enough) {
    const auto message = queue_.take();
    if (!message) break;
    append(commands, *message);
    ++count;
  }
  return count;
}

void RedisPublisher::append(std::string& commands, const PublishQueue::Message& message) {
  const auto publish = [&commands](std::string_view channel, const std::string& payload) {
    append_command(commands, {"PUBLISH", channel, payload});
  };
  const std::string database = adapters::log_now(options_.log).database;
  const domain::Overloaded send{
      [&](const adapters::FramePtr& frame) {
        metrics_.bus_events_out.add();
        publish(redis_channel(frame->channel()),
                encode_payload(sender_, ++seq_, *adapters::Frame::current(frame), database));
      },
      [&](const adapters::LookAtLog& mark) {
        publish(redis_channel(*mark.channel), encode_payload(sender_, mark, database));
      },
      [&](const std::string& presence) { publish(kPresenceChannel, encode_payload(sender_, presence, database)); },
  };
  std::visit(send, message);
}

}  // namespace danwa::infra
