#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <variant>

#include "adapters/grpc/call_metadata.hpp"
#include "adapters/grpc/chat_endpoint.hpp"
#include "adapters/log/logger.hpp"
#include "infra/grpc/chat_codec.hpp"
#include "infra/net/io_threads.hpp"
#include "usecase/delivery/update_feed.hpp"

namespace danwa::grpc {

class ChatStream;

/// Every open stream of the node. It refuses streams above its bound and ends all of them in a drain. Thread safe.
class StreamRegistry {
 public:
  using Place = std::list<std::weak_ptr<ChatStream>>::iterator;

  explicit StreamRegistry(std::size_t most) : most_{most} {}

  /// Registers `stream` until `leave`. The error holds the reason if the node drains or is full.
  tl::expected<Place, adapters::rpc::CallCloseReason> enter(std::weak_ptr<ChatStream> stream);
  void leave(Place place);

  /// Ends all streams, spread evenly over `window`. New ones are refused from here on.
  void drain(std::chrono::milliseconds window);

  /// Waits until no stream is left. False: `deadline` came first.
  bool wait_empty(std::chrono::steady_clock::time_point deadline);

 private:
  const std::size_t most_;
  std::mutex mutex_;  // streams come and go on many threads; held for a list operation
  std::condition_variable emptied_;
  std::list<std::weak_ptr<ChatStream>> streams_;
  bool draining_ = false;
};

struct ChatLimits {
  std::chrono::milliseconds expiry_warning{30'000};  ///< from the warning to the end of the token
  std::chrono::milliseconds close_timeout{2'000};    ///< a stream that ends is cancelled after this time
  std::chrono::milliseconds revoked_within{500};     ///< the same if its right was revoked
};

/// What all streams and calls of a server share. Each of them holds it, because the io threads go on after the server
/// has ended. `endpoint` and `log` outlive them.
struct StreamContext {
  StreamContext(const adapters::rpc::ChatEndpoint& chat, adapters::Logger& logger, std::size_t most_streams,
                ChatLimits wanted = {})
      : endpoint{chat}, log{logger}, streams{most_streams}, limits{wanted} {}

  const adapters::rpc::ChatEndpoint& endpoint;
  adapters::Logger& log;
  StreamRegistry streams;
  ChatCodec codec;
  const ChatLimits limits;
  std::atomic<std::size_t> users{0};  ///< ContextUser objects that exist
};

/// The share of a stream or a call in the context. Counted, so that a server that ends can wait for the last one.
class ContextUser {
 public:
  explicit ContextUser(std::shared_ptr<StreamContext> context) : context_{std::move(context)} { ++context_->users; }
  ContextUser(const ContextUser& other) : ContextUser{other.context_} {}
  ContextUser& operator=(const ContextUser&) = delete;
  ~ContextUser() { --context_->users; }

  StreamContext* operator->() const { return context_.get(); }

 private:
  const std::shared_ptr<StreamContext> context_;
};

class ChatWatch;

/// A live stream of the gRPC endpoint. It sends the batches of a watch to its client, one write in flight, and calls
/// `ready` after gRPC has taken a batch. It handles the client's requests one after another. HTTP/2's flow control
/// delays a write, so a slow client slows its own stream only.
///
/// Bounded: one batch of 16 frames, the refusal of one request, one message in gRPC's hands. While a refusal is
/// unwritten, the client's next request stays in the socket. A frame whose comment is removed before its turn is sent
/// without its text.
/// Runs on: one io thread from its start to its end for use cases, deliveries and timers; gRPC's threads for gRPC's
/// callbacks. `mutex_` guards the state that both use. The subscriber actor of its watch lives on the same io thread.
class ChatStream final : public usecase::LeaseOwner, public std::enable_shared_from_this<ChatStream> {
 public:
  /// `spoken_only`: for a client that reads the field `message` alone.
  ChatStream(std::shared_ptr<StreamContext> context, net::IoThread& io_thread, bool spoken_only);
  ~ChatStream() override;

  /// Identifies the caller and starts the watch. `wire` stays until `on_done`.
  void start(StreamWire& wire, const adapters::rpc::CallMetadata& metadata,
             std::optional<adapters::rpc::WatchRequest> wanted, bool reads_requests);

  void on_request(std::optional<adapters::rpc::ChatRequest> wanted);  ///< nullopt: the bytes are not a request
  void on_last_request() {}                                           ///< the client sends no further request
  void on_written(bool taken);                                        ///< false: the client is gone
  void on_cancelled();
  void on_done();  ///< the call is over, and `wire` is no longer valid

  void on_lease_ending() override;
  void on_lease_end(usecase::LeaseEnd why) override;

  /// From any thread: ends with UNAVAILABLE after `delay`.
  void drain(std::chrono::milliseconds delay);

 private:
  friend class ChatWatch;
  using Item = std::variant<delivery::FramePtr, WireMessagePtr>;
  using Clock = std::chrono::steady_clock;

  static usecase::Async<void> open(std::shared_ptr<ChatStream> self);
  static usecase::Async<void> answer(std::shared_ptr<ChatStream> self, adapters::rpc::ChatRequest wanted);
  usecase::Async<bool> move(adapters::rpc::ChatRequest wanted);
  void spawn(usecase::Async<void> task);

  void begin(usecase::Watch watch, adapters::rpc::WatchRequest place);
  void on_batch(const ChatWatch& watch, delivery::FrameBatch frames);
  void on_watch_end(const ChatWatch& watch, delivery::WatchCloseReason reason);
  void refuse(const domain::Errors& errors, const std::string& client_ref);
  void read_next();
  void end(adapters::rpc::CallCloseReason end);
  void announce_end();
  void beat();
  void pump();
  WireMessagePtr take_next();

  const ContextUser context_;  // first: the last to be destroyed
  net::IoThread& io_thread_;
  const bool spoken_only_;
  usecase::LeasePtr lease_;            // set before the first task
  adapters::rpc::WatchRequest place_;  // the watched conversation; used on the io thread
  boost::asio::steady_timer beat_;     // until a heartbeat may be due; used on the io thread
  boost::asio::steady_timer ending_;   // until the drain's end, then until the call is cancelled; used on the io thread

  std::recursive_mutex mutex_;  // shared by gRPC's threads and the io thread; gRPC may call back from inside a call
  StreamWire* wire_ = nullptr;
  std::optional<StreamRegistry::Place> registered_;
  std::shared_ptr<ChatWatch> watch_;
  std::unique_ptr<delivery::Subscription> subscription_;
  domain::Cursor position_;                           // behind the last frame that was written
  std::deque<Item> queue_;                            // to be written
  adapters::rpc::ChatEndpoint::Heartbeat heartbeat_;  // the longest silence; nullopt: no heartbeat
  Clock::time_point last_write_{};                    // kept for the heartbeat alone
  bool accepted_ = false;                             // the client has got initial metadata or a first message
  bool begun_ = false;                                // the first batch has come
  bool batch_open_ = false;                           // call `ready` when the queue is empty
  bool writing_ = false;                              // a message is in gRPC's hands
  bool reads_ = false;                                // the client may send requests
  bool wants_read_ = false;                           // read the next request after the refusal is written
  bool refused_ = false;                              // a refusal is in the queue or in gRPC's hands
  bool ends_soon_ = false;                            // the token; the warning goes behind the first batch
  std::optional<adapters::rpc::CallCloseReason> end_;
  bool finished_ = false;
};

/// One watch of a stream. It posts batches and the end to the stream's io thread, whatever thread they come from.
class ChatWatch final : public delivery::Watcher, public std::enable_shared_from_this<ChatWatch> {
 public:
  explicit ChatWatch(std::weak_ptr<ChatStream> stream) : stream_{std::move(stream)} {}

  void deliver(delivery::FrameBatch frames) override;
  void end(delivery::WatchCloseReason reason) override;

 private:
  const std::weak_ptr<ChatStream> stream_;
};

}  // namespace danwa::grpc
