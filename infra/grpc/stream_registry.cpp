#include "infra/grpc/stream_registry.hpp"

#include "infra/grpc/chat_stream.hpp"

namespace danwa::infra {

namespace rpc = adapters::rpc;

tl::expected<StreamRegistry::Place, rpc::CallEnd> StreamRegistry::enter(std::weak_ptr<ChatStream> stream) {
  const std::lock_guard lock{mutex_};
  if (draining_) return tl::unexpected{rpc::draining()};
  if (streams_.size() >= most_) return tl::unexpected{rpc::too_many_streams()};
  streams_.push_back(std::move(stream));
  return std::prev(streams_.end());
}

void StreamRegistry::leave(Place place) {
  const std::lock_guard lock{mutex_};
  streams_.erase(place);
  if (streams_.empty()) emptied_.notify_all();
}

void StreamRegistry::drain(std::chrono::milliseconds window) {
  std::list<std::weak_ptr<ChatStream>> streams;
  {
    const std::lock_guard lock{mutex_};
    draining_ = true;
    streams = streams_;
  }
  // Spread over the window, so that the clients do not reconnect to the other nodes all at once.
  const auto count = static_cast<std::chrono::milliseconds::rep>(streams.size());
  std::chrono::milliseconds::rep turn = 0;
  for (const auto& stream : streams) {
    const auto delay = window * turn++ / count;
    if (const auto alive = stream.lock()) alive->drain(delay);
  }
}

bool StreamRegistry::wait_empty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  return emptied_.wait_until(lock, deadline, [this] { return streams_.empty(); });
}

}  // namespace danwa::infra
