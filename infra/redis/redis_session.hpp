#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/channel/channel_key.hpp"
#include "infra/redis/redis_connection.hpp"
#include "infra/redis/redis_payload.hpp"
#include "usecase/delivery/bus_envelope.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/delivery/peer_bus.hpp"

namespace danwa::redis {

/// The delay before the next attempt: 100 ms, doubled after each failure, at most 4 s. A random part between half and
/// all of it is used, so that the nodes do not connect at the same time. With the second that a connection may take, a
/// node is back at most five seconds after Redis.
class RetryDelay {
 public:
  static constexpr std::chrono::milliseconds kFirst{100};
  static constexpr std::chrono::milliseconds kMost{4000};

  explicit RetryDelay(unsigned seed) : random_{seed} {}

  std::chrono::milliseconds next() {
    std::uniform_int_distribution<std::chrono::milliseconds::rep> part{full_.count() / 2, full_.count()};
    full_ = std::min(2 * full_, kMost);
    return std::chrono::milliseconds{part(random_)};
  }

  /// Call it after a connection that lasted.
  void reset() { full_ = kFirst; }

 private:
  std::mt19937 random_;
  std::chrono::milliseconds full_ = kFirst;
};

/// Keeps a connection to Redis: after a loss it connects again, with a growing delay. Logs `redis.connected`,
/// `redis.lost` and `redis.refused`; a repeated reason at the debug level. A derived class has the commands and takes
/// the replies (`on_reply`, `on_replies_end`).
/// Runs on: the Redis thread.
class RedisSession : RedisConnection::User {
 public:
  void start();
  void stop();

 protected:
  /// `name` is for the log. All arguments must outlive `stop`.
  RedisSession(boost::asio::io_context& io, const RedisOptions& options, std::string_view name,
               adapters::Logger& logger);
  ~RedisSession() = default;

  /// Commands wait for `fill`. Does nothing while the connection is down or busy: `fill` is called later anyway.
  void wake();

  virtual void on_up() {}
  virtual void on_down() {}

  /// Appends waiting commands, about `enough` bytes of them. Returns their number.
  virtual std::size_t fill(std::string& commands, std::size_t enough) = 0;

  boost::asio::io_context& io() { return io_; }
  adapters::Logger& logger() { return logger_; }

  /// The database of this node, as envelopes name it.
  std::string database() const { return delivery::log_now(options_.log).database; }

 private:
  using Clock = std::chrono::steady_clock;

  void on_open() final;
  void on_written() final { wake(); }
  void on_closed(RedisLoss loss) final;
  void tell(const RedisLoss& loss);

  boost::asio::io_context& io_;
  const RedisOptions& options_;
  std::string name_;
  std::string server_;
  adapters::Logger& logger_;
  RetryDelay delay_;
  boost::asio::steady_timer retry_;
  std::shared_ptr<RedisConnection> connection_;
  std::string told_;  ///< the last reason in the log
  Clock::time_point up_since_{};
  bool up_ = false;
};

/// A presence message, and the Redis channel that it goes to.
struct PresenceToSend {
  std::string text;
  std::string channel{kPresenceChannel};
};

struct PublishLimits {
  std::size_t messages = 8192;
  std::size_t bytes = 8UL << 20;  ///< bookkeeping included
  std::size_t marks = 256;        ///< channels remembered as incomplete; the log tail finds losses in others
};

/// The messages that wait for Redis; the oldest are dropped first. A dropped update leaves a mark of its channel. Marks
/// are sent first, so the other nodes read the log of that channel. Thread safe: any thread puts, one thread takes.
class PublishQueue {
 public:
  explicit PublishQueue(PublishLimits limits = {}) : limits_{limits} {}

  struct Put {
    bool wake = false;        ///< the caller must wake the taker; true once until `woken`
    std::size_t dropped = 0;  ///< older messages that were dropped for this one, or this one itself
  };
  Put put(delivery::FramePtr frame);  ///< one that holds an update
  Put put(PresenceToSend presence);

  void woken();

  using Message = std::variant<delivery::FramePtr, delivery::CheckLog, PresenceToSend>;
  std::optional<Message> take();

  std::size_t bytes() const;

 private:
  struct Waiting {
    Message message;
    std::size_t cost;
  };

  Put put(Waiting waiting, bool sendable);
  void mark(const Message& message);

  PublishLimits limits_;
  mutable std::mutex mutex_;  // held for a few pushes and pops
  std::deque<Waiting> queue_;
  std::set<domain::ChannelKey> marks_;
  std::size_t bytes_ = 0;
  bool told_ = false;
};

/// Publishes the updates and presence messages of this node. Messages in flight are lost when a connection breaks.
/// Runs on: the Redis thread, except `put`.
class RedisPublisher final : public RedisSession {
 public:
  RedisPublisher(boost::asio::io_context& io, const RedisOptions& options, const SenderId& sender,
                 adapters::Logger& logger, adapters::Metrics& metrics)
      : RedisSession{io, options, "publish", logger}, sender_{sender}, metrics_{metrics} {}

  /// Thread safe.
  void put(delivery::FramePtr frame) { note(queue_.put(std::move(frame))); }
  void put(PresenceToSend presence) { note(queue_.put(std::move(presence))); }

 private:
  void on_reply(Reply reply) override;
  std::size_t fill(std::string& commands, std::size_t enough) override;
  void append(std::string& commands, const PublishQueue::Message& message);
  void note(PublishQueue::Put put);

  const SenderId& sender_;
  adapters::Metrics& metrics_;
  PublishQueue queue_;
  std::uint64_t seq_ = 0;
};

/// The Redis channels that this node wants, and those that the current connection has subscribed. It survives
/// connections. Its memory depends on the number of wanted channels, not on how often they change.
/// Runs on: the Redis thread.
class WantedChannels {
 public:
  /// The presence channels are always wanted: that of all nodes, and `own_presence`, that of this one.
  explicit WantedChannels(std::string own_presence);

  void want(const domain::ChannelKey& channel);
  void forget(const domain::ChannelKey& channel);

  /// A new connection: `write` subscribes to every wanted channel. After all are answered, `take_recovered` is true
  /// once.
  void connected();
  void disconnected();

  /// Appends SUBSCRIBE and UNSUBSCRIBE commands until `out` has `enough` bytes or no change is left. Returns their
  /// number.
  std::size_t write(std::string& out, std::size_t enough);

  /// Redis has answered SUBSCRIBE of this Redis channel. Its messages come from now on, so the log must be checked for
  /// earlier ones. Returns the danwa channel to check; nullopt if `take_recovered` will cover it.
  std::optional<domain::ChannelKey> subscribed(std::string_view redis_channel);

  /// True once per connection: every channel that was wanted at its start is subscribed.
  bool take_recovered();

 private:
  struct Entry {
    std::optional<domain::ChannelKey> channel;  ///< none: presence
    bool wanted = true;
    bool told = false;        ///< SUBSCRIBE was sent on this connection
    bool queued = false;      ///< is in `queue_`
    bool recovering = false;  ///< wanted at the start of this connection and not answered yet
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  void enqueue(Entries::iterator entry);
  void reconcile(Entry& entry);

  std::string own_presence_;
  Entries entries_;
  std::deque<std::string> queue_;  ///< names of entries whose `wanted` may differ from `told`
  std::size_t recovering_ = 0;     ///< entries that are recovering
  bool connected_ = false;
  bool recovery_due_ = false;
};

/// Subscribes to the channels that are watched on this node and passes their messages on. It has a connection of its
/// own, because a connection that has subscribed takes no PUBLISH (RESP2).
/// Runs on: the Redis thread.
class RedisSubscriber final : public RedisSession {
 public:
  RedisSubscriber(boost::asio::io_context& io, const RedisOptions& options, const SenderId& own,
                  delivery::BusListener& listener, adapters::Logger& logger, adapters::Metrics& metrics)
      : RedisSession{io, options, "subscribe", logger},
        own_{own},
        listener_{listener},
        metrics_{metrics},
        wanted_{presence_channel({own.data(), own.size()})} {}

  void want(const domain::ChannelKey& channel);
  void forget(const domain::ChannelKey& channel);

 private:
  void on_up() override { wanted_.connected(); }
  void on_down() override;
  void on_reply(Reply reply) override;
  void on_replies_end() override;
  std::size_t fill(std::string& commands, std::size_t enough) override { return wanted_.write(commands, enough); }

  void on_subscribed(const std::string& redis_channel);
  void on_message(const std::string& redis_channel, const std::string& payload);
  void look_if_recovered();
  void unexpected(const std::optional<domain::ChannelKey>& channel);
  void foreign(const std::optional<domain::ChannelKey>& channel);
  void refuse_version(std::uint16_t version);

  const SenderId& own_;
  delivery::BusListener& listener_;
  adapters::Metrics& metrics_;
  WantedChannels wanted_;
  std::vector<delivery::LoggedUpdate> updates_;  ///< of one read
  bool version_told_ = false;                    ///< in the log: somebody publishes envelopes of another version
  bool foreign_told_ = false;                    ///< in the log: somebody else's nodes use this Redis
};

}  // namespace danwa::redis
