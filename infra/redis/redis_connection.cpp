#include "infra/redis/redis_connection.hpp"

#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <new>

static_assert(HIREDIS_MAJOR == 0, "hiredis 0.14 is needed; later ones make replies through other functions");

// ReplyReader gives hiredis's parser functions of its own, so replies become values and the size of arrays is bounded.
//
// One connection is a small state machine: resolving and connecting (one deadline for both), greeting (AUTH if needed,
// PING), open, closed. `user_` is null from the moment of the end; every handler checks it, so the user gets exactly
// one `on_closed` and nothing after it. Any surprise ends the connection, and RedisSession makes a new one: a reply to
// no command, an error reply, a reply that is late. So a half-broken connection never lasts.
//
// A published message is not a reply: only other replies are counted against `awaited_`. An error reply is logged by
// its code alone, because its text may repeat a password.

namespace danwa::redis {
namespace {

/// Makes a Reply for each part of a reply. The items of an array belong to the array.
void* place(const redisReadTask* task, Reply reply) {
  if (task->parent == nullptr) return std::make_unique<Reply>(std::move(reply)).release();
  auto& items = static_cast<Reply*>(task->parent->obj)->items;
  auto& item = items.at(static_cast<std::size_t>(task->idx));
  item = std::move(reply);
  return &item;
}

Reply::Kind kind_of(int type) {
  if (type == REDIS_REPLY_ERROR) return Reply::Kind::error;
  return type == REDIS_REPLY_STATUS ? Reply::Kind::status : Reply::Kind::text;
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  return place(task, Reply{kind_of(task->type), std::string{text, size}});
}

/// Null, which hiredis reports as "out of memory", if the array has more items than any reply of Redis used here.
void* create_array(const redisReadTask* task, int items) {
  if (items < 0 || static_cast<std::size_t>(items) > ReplyReader::kMostItems) return nullptr;
  Reply reply{Reply::Kind::array};
  reply.items.resize(static_cast<std::size_t>(items));
  return place(task, std::move(reply));
}

void* create_integer(const redisReadTask* task, long long integer) {
  Reply reply{Reply::Kind::integer};
  reply.integer = integer;
  return place(task, std::move(reply));
}

void* create_nil(const redisReadTask* task) { return place(task, Reply{}); }

void free_object(void* object) { const std::unique_ptr<Reply> reply{static_cast<Reply*>(object)}; }

redisReplyObjectFunctions functions{create_string, create_array, create_integer, create_nil, free_object};

}  // namespace

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyReader::ReplyReader() : reader_{redisReaderCreateWithFunctions(&functions)} {
  if (!reader_) error_ = "out of memory";
}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  if (failed()) return;
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) error_ = "out of memory";
}

std::optional<Reply> ReplyReader::next() {
  if (failed()) return std::nullopt;
  void* object = nullptr;
  if (redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
    error_ = reader_->err == REDIS_ERR_OOM ? "an array of too many items" : reader_->errstr;
    return std::nullopt;
  }
  const std::unique_ptr<Reply> reply{static_cast<Reply*>(object)};
  if (reply) return std::move(*reply);
  if (reader_->len - reader_->pos > kMostBytes) error_ = "a reply of more than 4 MiB";
  return std::nullopt;
}

void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const int size = redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), texts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc{};
  out.append(formatted, static_cast<std::size_t>(size));
  redisFreeCommand(formatted);
}

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kConnectLimit{1};  // for the name and the connection together
constexpr std::chrono::seconds kIdle{1};          // silence before a PING
constexpr int kUserTimeoutMs = 5'000;             // for unacknowledged bytes

void set_socket_options(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  socket.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof kUserTimeoutMs);
}

bool is_published(const Reply& reply) {
  return reply.kind == Reply::Kind::array && !reply.items.empty() && reply.items[0].text == "message";
}

/// The first word of an error, such as `NOAUTH`. The rest may repeat the command.
std::string code_of(const Reply& error) {
  const auto end = std::min(error.text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::size_t{32});
  const std::string code = error.text.substr(0, end);
  return code.empty() ? "an error" : code;
}

/// Redis is not ready yet and will be later.
bool is_passing(std::string_view code) { return code == "LOADING" || code == "BUSY" || code == "MASTERDOWN"; }

}  // namespace

RedisConnection::RedisConnection(boost::asio::io_context& io, const RedisOptions& options, User& user)
    : options_{options}, user_{&user}, resolver_{io}, socket_{io}, timer_{io} {}

void RedisConnection::open() {
  timer_.expires_after(kConnectLimit);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && !self->socket_.is_open()) self->close({false, "its name was not resolved within a second"});
    if (!error && self->heard_ == Clock::time_point{}) self->close({false, "no connection within a second"});
  });
  const auto port = std::to_string(options_.port);
  error_code not_numeric;
  const auto address = boost::asio::ip::make_address(options_.host, not_numeric);
  if (!not_numeric) {
    return connect(tcp::resolver::results_type::create({address, options_.port}, options_.host, port));
  }
  auto on_resolved = [self = shared_from_this()](const error_code& error, const auto& endpoints) {
    if (error) return self->close({false, error.message()});
    self->connect(endpoints);
  };
  resolver_.async_resolve(options_.host, port, std::move(on_resolved));
}

void RedisConnection::connect(const tcp::resolver::results_type& endpoints) {
  if (user_ == nullptr) return;
  auto on_connected = [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
    if (error) return self->close({false, error.message()});
    self->greet();
  };
  boost::asio::async_connect(socket_, endpoints, std::move(on_connected));
}

void RedisConnection::greet() {
  if (user_ == nullptr) return;
  set_socket_options(socket_);
  heard_ = Clock::now();
  std::string commands;
  if (!options_.password.empty() && options_.user.empty()) append_command(commands, {"AUTH", options_.password});
  if (!options_.user.empty()) append_command(commands, {"AUTH", options_.user, options_.password});
  greetings_ = commands.empty() ? 1 : 2;
  append_command(commands, {"PING"});
  send(std::move(commands), greetings_);
  read();
  watch();
}

void RedisConnection::send(std::string commands, std::size_t count) {
  if (awaited_ == 0) waiting_ = Clock::now();
  awaited_ += count;
  outgoing_ = std::move(commands);
  auto on_sent = [self = shared_from_this()](const error_code& error, std::size_t) {
    if (self->user_ == nullptr) return;
    if (error) return self->close({false, error.message()});
    self->outgoing_.clear();
    if (self->open_) self->user_->on_written();
  };
  boost::asio::async_write(socket_, boost::asio::buffer(outgoing_), std::move(on_sent));
}

void RedisConnection::read() {
  auto on_some = [self = shared_from_this()](const error_code& error, std::size_t size) {
    if (self->user_ == nullptr) return;
    if (error == boost::asio::error::eof) return self->close({false, "the server ended the connection"});
    if (error) return self->close({false, error.message()});
    self->on_read(size);
  };
  socket_.async_read_some(boost::asio::buffer(incoming_), std::move(on_some));
}

void RedisConnection::on_read(std::size_t size) {
  heard_ = waiting_ = Clock::now();
  reader_.feed({incoming_.data(), size});
  while (user_ != nullptr) {
    auto reply = reader_.next();
    if (!reply) break;
    on_reply(std::move(*reply));
  }
  if (user_ != nullptr && open_) user_->on_replies_end();
  if (user_ == nullptr) return;
  if (reader_.failed()) return close({false, "this is not Redis's protocol: " + reader_.error()});
  read();
}

void RedisConnection::on_reply(Reply reply) {
  if (reply.kind == Reply::Kind::error) return close(refusal(reply));
  if (!is_published(reply) || !open_) {
    if (awaited_ == 0) return close({false, "this is not Redis's protocol: a reply to no command"});
    --awaited_;
  }
  if (!open_) return on_greeting(reply);
  user_->on_reply(std::move(reply));
}

void RedisConnection::on_greeting(const Reply& reply) {
  if (reply.kind != Reply::Kind::status) {
    return close({false, "this is not Redis's protocol: an unexpected answer to " +
                             std::string{greetings_ == 2 ? "AUTH" : "PING"}});
  }
  if (--greetings_ > 0) return;
  open_ = true;
  user_->on_open();
}

/// The reason of a refusal. The reply to PING is shown in full, because PING has no argument that it could repeat.
RedisLoss RedisConnection::refusal(const Reply& error) const {
  const std::string code = code_of(error);
  if (greetings_ == 2) return {!is_passing(code), "AUTH was answered " + code};
  if (greetings_ == 1) return {!is_passing(code), "PING was answered " + error.text.substr(0, 120)};
  return {!is_passing(code), "a command was answered " + code};
}

void RedisConnection::watch() {
  const auto tick = std::clamp<milliseconds>(options_.command_timeout / 4, milliseconds{10}, milliseconds{250});
  timer_.expires_after(tick);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && self->user_ != nullptr) self->on_tick();
  });
}

void RedisConnection::on_tick() {
  const auto now = Clock::now();
  if (awaited_ > 0 && now - waiting_ > options_.command_timeout) {
    return close({false, "no answer within " + std::to_string(options_.command_timeout.count()) + " ms"});
  }
  if (writable() && awaited_ == 0 && now - heard_ >= kIdle) {
    std::string ping;
    append_command(ping, {"PING"});
    send(std::move(ping), 1);
  }
  watch();
}

void RedisConnection::abandon() {
  user_ = nullptr;
  cut();
}

void RedisConnection::close(RedisLoss loss) {
  if (user_ == nullptr) return;
  User* const user = std::exchange(user_, nullptr);
  cut();
  user->on_closed(std::move(loss));
}

void RedisConnection::cut() {
  error_code ignored;
  timer_.cancel();
  resolver_.cancel();
  socket_.close(ignored);
}

}  // namespace danwa::redis
