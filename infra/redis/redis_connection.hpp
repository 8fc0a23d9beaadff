#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infra/redis/redis_bus.hpp"

namespace danwa::redis {

/// A reply of Redis (RESP2).
struct Reply {
  enum class Kind : std::uint8_t { nil, integer, text, status, error, array };

  Kind kind = Kind::nil;
  std::string text = {};          ///< of a text, a status, an error
  std::int64_t integer = 0;       ///< of an integer
  std::vector<Reply> items = {};  ///< of an array
};

}  // namespace danwa::redis

struct redisReader;

namespace danwa::redis {

/// Parses replies with hiredis's reader. For any bytes it uses bounded memory and ends with a reply, with `failed()`,
/// or with a wait for more bytes.
class ReplyReader {
 public:
  static constexpr std::size_t kMostBytes = 4UL << 20;  ///< bytes of an unfinished reply
  static constexpr std::size_t kMostItems = 8;          ///< of an array

  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  void feed(std::string_view bytes);

  /// The next reply; nullopt: more bytes are needed, or the reader has failed.
  std::optional<Reply> next();

  /// The bytes were not Redis's protocol, or a bound was exceeded. No further reply can be read.
  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };

  std::unique_ptr<redisReader, Free> reader_;
  std::string error_;
};

/// Appends a command of these words in Redis's protocol. The words may contain any bytes.
void append_command(std::string& out, std::initializer_list<std::string_view> words);

/// The reason of a lost connection. `reason` contains no sent data: no password, no comment.
struct RedisLoss {
  bool refused = false;  ///< Redis refused: password, rights, limits
  std::string reason;
};

/// One connection to Redis. It resolves the name, connects (1 s), sends AUTH and PING, then carries commands and their
/// replies in order. It sends PING after a second of silence. It ends with the first error reply, and when a reply
/// takes longer than the command timeout.
///
/// hiredis's own asynchronous connection is not used: that of Debian's 0.14 ends the process (`assert`) on an
/// unexpected reply, and it never answers a PING while subscribed. Its reader and its formatter are used.
/// Runs on: the Redis thread.
class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
 public:
  /// Called from handlers. No call comes after `on_closed` or `abandon`.
  class User {
   public:
    virtual void on_open() = 0;
    virtual void on_written() = 0;           ///< the connection is writable again
    virtual void on_reply(Reply reply) = 0;  ///< a reply, or a published message
    virtual void on_replies_end() {}         ///< all replies of one read were passed on
    virtual void on_closed(RedisLoss loss) = 0;

   protected:
    ~User() = default;
  };

  /// `options` must outlive it, and `user` too, unless `abandon` is called.
  RedisConnection(boost::asio::io_context& io, const RedisOptions& options, User& user);

  void open();

  /// Open, and no write is in flight.
  bool writable() const { return user_ != nullptr && open_ && outgoing_.empty(); }

  /// Sends `count` complete commands, at least one; each gets one reply. Requires `writable`.
  void send(std::string commands, std::size_t count);

  /// Closes the connection; `user` gets no further call.
  void abandon();

 private:
  using Clock = std::chrono::steady_clock;
  using Tcp = boost::asio::ip::tcp;

  void connect(const Tcp::resolver::results_type& endpoints);
  void greet();
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
  std::string outgoing_;       ///< the bytes of the write in flight
  std::size_t awaited_ = 0;    ///< replies to come
  std::size_t greetings_ = 0;  ///< replies to come for AUTH and PING at the start
  bool open_ = false;
  Clock::time_point heard_{};    ///< when the last bytes came
  Clock::time_point waiting_{};  ///< start of the wait for a reply: the last bytes, or the first command after silence
};

}  // namespace danwa::redis
