#pragma once

#include <utility>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "infra/redis/redis_options.hpp"
#include "infra/redis/reply_reader.hpp"

namespace danwa::infra {

/// Why a connection is no more. `reason` holds nothing of what was sent: neither password nor comment.
struct RedisLoss {
  bool refused = false;  ///< Redis said no: password, rights, limits
  std::string reason;
};

/// One connection to Redis: resolves, connects (1 s), says AUTH and PING, then carries commands, and
/// replies in their order. It ends with the first error reply and when an answer takes longer than the
/// command time limit; when nothing comes for a second it asks with PING.
///
/// Why not hiredis's asynchronous connection: that of Debian's 0.14 ends the process (`assert`) on a reply
/// it does not expect, and never answers a PING while subscribed. Its reader and its formatter are used.
/// Runs on: the Redis thread.
class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
 public:
  /// Called from handlers; nothing comes after `on_closed` or `abandon`.
  class User {
   public:
    virtual void on_open() = 0;
    virtual void on_written() = 0;           ///< may write again
    virtual void on_reply(Reply reply) = 0;  ///< an answer, or what was published
    virtual void on_replies_end() = 0;       ///< no more have come yet
    virtual void on_closed(RedisLoss loss) = 0;

   protected:
    ~User() = default;
  };

  /// `options` and `user` must outlive it, or `abandon`.
  RedisConnection(boost::asio::io_context& io, const RedisOptions& options, User& user);

  void open();

  /// Open, and no write is under way.
  bool writable() const { return user_ != nullptr && open_ && outgoing_.empty(); }

  /// So many whole commands, not none; each has one reply. Only when `writable`.
  void write(std::string commands, std::size_t count);

  /// Cuts it; `user` hears nothing any more.
  void abandon();

 private:
  using Clock = std::chrono::steady_clock;
  using Tcp = boost::asio::ip::tcp;

  void connect(const Tcp::resolver::results_type& endpoints);
  void greet();
  void send(std::string commands, std::size_t count);
  void read();
  void on_read(std::size_t size);
  void on_reply(Reply reply);
  void on_greeting(const Reply& reply);
  void watch();
  void on_tick();
  RedisLoss refusal(const Reply& error) const;
  void close(RedisLoss loss);
  void cut();

  const RedisOptions& options_;
  User* user_;
  Tcp::resolver resolver_;
  Tcp::socket socket_;
  boost::asio::steady_timer timer_;
  ReplyReader reader_;
  std::array<char, 16 * 1024> incoming_{};
  std::string outgoing_;       ///< while it is being written
  std::size_t awaited_ = 0;    ///< replies
  std::size_t greetings_ = 0;  ///< of them, to AUTH and PING at the start
  bool open_ = false;
  Clock::time_point heard_{};    ///< last bytes that came
  Clock::time_point waiting_{};  ///< since when: the later of `heard_` and of a command after silence
};

}  // namespace danwa::infra
