#pragma once

// Boost 1.74 needs <utility> before its coroutine headers.
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/grpc/chat_door.hpp"
#include "adapters/grpc/status.hpp"
#include "infra/grpc/stream_context.hpp"
#include "infra/grpc/stream_registry.hpp"
#include "infra/grpc/stream_wire.hpp"

namespace danwa::infra {

class ChatWatch;

/// A live stream of the gRPC endpoint. It sends the batches of a watch to its client, one write in flight, and calls
/// `ready` after gRPC has taken a batch. It handles the client's requests one after another. HTTP/2's flow control
/// delays a write, so a slow client slows its own stream only.
///
/// Bounded: one batch of 16 frames, the refusal of one request, one message in gRPC's hands. While a refusal is
/// unwritten, the client's next request stays in the socket. A frame whose comment is removed before its turn is sent
/// without its text.
/// Runs on: its io thread for use cases and timers, gRPC's threads for gRPC's callbacks. `mutex_` guards the state that
/// both use.
class ChatStream final : public usecase::LeaseOwner, public std::enable_shared_from_this<ChatStream> {
 public:
  /// `spoken_only`: for a client that reads the field `message` alone.
  ChatStream(StreamContext& context, boost::asio::io_context& lane, bool spoken_only);
  ~ChatStream() override;

  /// Identifies the caller and starts the watch. `wire` stays until `on_done`.
  void start(StreamWire& wire, const adapters::rpc::CallMetadata& metadata,
             std::optional<adapters::rpc::WatchWish> wish, bool reads_requests);

  void on_request(std::optional<adapters::rpc::ChatWish> wish);  ///< nullopt: the bytes are not a request
  void on_last_request() {}                                      ///< the client sends no further request
  void on_written(bool taken);                                   ///< false: the client is gone
  void on_cancelled();
  void on_done();  ///< the call is over, and `wire` is no longer valid

  void on_lease_ending() override;
  void on_lease_end(usecase::LeaseEnd why) override;

  /// From any thread: ends with UNAVAILABLE after `delay`.
  void drain(std::chrono::milliseconds delay);

 private:
  friend class ChatWatch;
  using Item = std::variant<adapters::FramePtr, WireMessagePtr>;
  using Clock = std::chrono::steady_clock;

  static usecase::Async<void> open(std::shared_ptr<ChatStream> self);
  static usecase::Async<void> answer(std::shared_ptr<ChatStream> self, adapters::rpc::ChatWish wish);
  usecase::Async<bool> move(adapters::rpc::ChatWish wish);
  void spawn(usecase::Async<void> task);

  void begin(usecase::Watch watch, adapters::rpc::WatchWish place);
  void on_batch(const ChatWatch& watch, adapters::FrameBatch frames);
  void on_watch_end(const ChatWatch& watch, adapters::WatchEnd reason);
  void refuse(const domain::Errors& errors, const std::string& client_ref);
  void read_next();
  void end(adapters::rpc::CallEnd end);
  void announce_end();
  void beat();
  void pump();
  WireMessagePtr take_next();

  StreamContext& context_;
  boost::asio::io_context& lane_;
  const bool spoken_only_;
  usecase::LeasePtr lease_;           // set before the first task
  adapters::rpc::WatchWish place_;    // the watched conversation; used on the io thread
  boost::asio::steady_timer beat_;    // until a heartbeat may be due; used on the io thread
  boost::asio::steady_timer ending_;  // until the drain's end, then until the call is cancelled; used on the io thread

  std::recursive_mutex mutex_;  // shared by gRPC's threads and the io thread; gRPC may call back from inside a call
  StreamWire* wire_ = nullptr;
  std::optional<StreamRegistry::Place> registered_;
  std::shared_ptr<ChatWatch> watch_;
  std::unique_ptr<adapters::Subscription> subscription_;
  domain::Cursor position_;                       // behind the last frame that was written
  std::deque<Item> queue_;                        // to be written
  adapters::rpc::ChatDoor::Heartbeat heartbeat_;  // the longest silence; nullopt: no heartbeat
  Clock::time_point last_write_{};                // kept for the heartbeat alone
  bool accepted_ = false;                         // the client has got initial metadata or a first message
  bool begun_ = false;                            // the first batch has come
  bool batch_open_ = false;                       // call `ready` when the queue is empty
  bool writing_ = false;                          // a message is in gRPC's hands
  bool reads_ = false;                            // the client may send requests
  bool wants_read_ = false;                       // read the next request after the refusal is written
  bool refused_ = false;                          // a refusal is in the queue or in gRPC's hands
  bool ends_soon_ = false;                        // the token; the warning goes behind the first batch
  std::optional<adapters::rpc::CallEnd> end_;
  bool finished_ = false;
};

/// One watch of a stream. It posts batches and the end to the stream's io thread.
class ChatWatch final : public adapters::Watcher, public std::enable_shared_from_this<ChatWatch> {
 public:
  explicit ChatWatch(std::weak_ptr<ChatStream> stream) : stream_{std::move(stream)} {}

  void deliver(adapters::FrameBatch frames) override;
  void end(adapters::WatchEnd reason) override;

 private:
  const std::weak_ptr<ChatStream> stream_;
};

}  // namespace danwa::infra
