#include <boost/asio/post.hpp>
#include <utility>

#include "domain/core/result.hpp"
#include "infra/redis/redis_connection.hpp"
#include "infra/redis/redis_payload.hpp"
#include "infra/redis/redis_session.hpp"

namespace danwa::redis {

// PublishQueue: a bounded queue between the event bus's callers and the Redis thread. When it is full, the oldest
// message is dropped and its channel is marked; the update itself is in the log. `wake` is true only for the first
// message after `woken`, so a burst costs one wake-up of the Redis thread. Marks travel before messages, because a mark
// makes the peers read the log. RedisPublisher turns both into commands on the Redis thread; an update is encoded
// there, when its turn comes, so a removal still finds it.

namespace {

constexpr std::size_t kBookkeeping = 96;  // deque entry, control block, string heads

std::size_t cost_of(const delivery::Frame& frame) {
  return frame.websocket_frame().size() + frame.channel().key.size() + kBookkeeping;
}

/// True if the frame fits into an envelope. No value is longer than the whole JSON, and percent encoding makes a
/// channel at most three times as long.
bool fits(const delivery::Frame& frame) {
  return frame.json().size() <= delivery::kMaxEnvelopeText &&
         3 * (frame.channel().company.value().size() + frame.channel().key.size()) <= delivery::kMaxEnvelopeText / 2;
}

}  // namespace

PublishQueue::Put PublishQueue::put(delivery::FramePtr frame) {
  const std::size_t cost = cost_of(*frame);
  const bool sendable = fits(*frame);
  return put(Waiting{std::move(frame), cost}, sendable);
}

PublishQueue::Put PublishQueue::put(PresenceToSend presence) {
  const std::size_t cost = presence.text.size() + presence.channel.size() + kBookkeeping;
  const bool sendable = presence.text.size() <= kMaxPresence;
  return put(Waiting{std::move(presence), cost}, sendable);
}

PublishQueue::Put PublishQueue::put(Waiting waiting, bool sendable) {
  const std::lock_guard lock{mutex_};
  Put done;
  const bool possible = sendable && limits_.messages > 0 && waiting.cost <= limits_.bytes;
  while (possible && (queue_.size() >= limits_.messages || bytes_ + waiting.cost > limits_.bytes)) {
    mark(queue_.front().message);
    bytes_ -= queue_.front().cost;
    queue_.pop_front();
    ++done.dropped;
  }
  if (possible) {
    bytes_ += waiting.cost;
    queue_.push_back(std::move(waiting));
  } else {
    mark(waiting.message);
    ++done.dropped;
  }
  done.wake = !std::exchange(told_, true);
  return done;
}

void PublishQueue::mark(const Message& message) {
  const auto* frame = std::get_if<delivery::FramePtr>(&message);
  if (frame == nullptr || marks_.size() >= limits_.marks) return;
  marks_.insert((*frame)->channel());
}

void PublishQueue::woken() {
  const std::lock_guard lock{mutex_};
  told_ = false;
}

std::optional<PublishQueue::Message> PublishQueue::take() {
  const std::lock_guard lock{mutex_};
  if (!marks_.empty()) {
    auto first = marks_.extract(marks_.begin());
    return delivery::CheckLog{std::move(first.value())};
  }
  if (queue_.empty()) return std::nullopt;
  Message message = std::move(queue_.front().message);
  bytes_ -= queue_.front().cost;
  queue_.pop_front();
  return message;
}

std::size_t PublishQueue::bytes() const {
  const std::lock_guard lock{mutex_};
  return bytes_;
}

void RedisPublisher::note(PublishQueue::Put put) {
  if (put.dropped > 0) metrics_.relay_drops.add(put.dropped);
  if (!put.wake) return;
  boost::asio::post(io(), [this] {
    queue_.woken();
    wake();
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
  const std::string here = database();
  const domain::Overloaded send{
      [&](const delivery::FramePtr& frame) {
        metrics_.bus_events_out.add();
        publish(redis_channel(frame->channel()),
                encode_payload(sender_, ++seq_, *delivery::Frame::current(frame), here));
      },
      [&](const delivery::CheckLog& mark) {
        publish(redis_channel(*mark.channel), encode_payload(sender_, mark, here));
      },
      [&](const PresenceToSend& presence) { publish(presence.channel, encode_payload(sender_, presence.text, here)); },
  };
  std::visit(send, message);
}

}  // namespace danwa::redis
