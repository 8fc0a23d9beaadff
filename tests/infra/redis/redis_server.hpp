#pragma once

#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "infra/net/listening.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {

/// A real redis-server on a free loopback port, without persistence; ended, by its pid, with the scope.
class RedisServer {
 public:
  explicit RedisServer(std::vector<std::string> arguments = {}) : arguments_{std::move(arguments)} {
    if (!start()) throw std::runtime_error{"redis-server does not start; Debian's package redis-server is needed"};
  }
  ~RedisServer() { kill(); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const { return port_; }

  /// Starts it on its port and waits until it answers.
  bool start() {
    auto words = command_line();
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::execvp(pointers[0], pointers.data());
      ::_exit(127);
    }
    const auto answers = [this] { return ended() || !ask({"PING"}).empty(); };
    return wait_for(answers, std::chrono::seconds{20}) && pid_ > 0;
  }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void pause() const { ::kill(pid_, SIGSTOP); }
  void resume() const { ::kill(pid_, SIGCONT); }

  /// The answer of Redis as text, the items of an array by spaces; empty when there is none.
  std::string ask(const std::vector<std::string>& words) const {
    const std::unique_ptr<redisContext, void (*)(redisContext*)> context{
        ::redisConnectWithTimeout("127.0.0.1", port_, {1, 0}), ::redisFree};
    if (!context || context->err != 0 || ::redisSetTimeout(context.get(), {1, 0}) != REDIS_OK) return "";
    if (!password.empty()) answer(*context, {"AUTH", password});
    return answer(*context, words);
  }

  /// Whether somebody has subscribed the Redis channel.
  bool subscribed(const std::string& channel) const { return ask({"PUBSUB", "CHANNELS", channel}) == channel; }

  std::string password;  ///< of the default user, once it has one

 private:
  static std::string answer(redisContext& context, const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) texts.push_back(word.data()), sizes.push_back(word.size());
    const std::unique_ptr<redisReply, void (*)(void*)> reply{
        static_cast<redisReply*>(
            ::redisCommandArgv(&context, static_cast<int>(texts.size()), texts.data(), sizes.data())),
        ::freeReplyObject};
    return reply ? to_text(*reply) : "";
  }

  static std::string to_text(const redisReply& reply) {
    if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
    std::string text = reply.str != nullptr ? std::string{reply.str, reply.len} : "";
    for (std::size_t i = 0; i < reply.elements; ++i) text += (i > 0 ? " " : "") + to_text(*reply.element[i]);
    return text;
  }

  bool ended() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = 0;
    return pid_ <= 0;
  }

  std::vector<std::string> command_line() const {
    std::vector<std::string> words{"redis-server",
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no",
                                   "--loglevel",
                                   "warning",
                                   "--logfile",
                                   directory_.file("redis.log"),
                                   "--dir",
                                   directory_.file("")};
    words.insert(words.end(), arguments_.begin(), arguments_.end());
    return words;
  }

  TemporaryDirectory directory_;
  std::vector<std::string> arguments_;
  net::HeldAddress address_{"127.0.0.1:0"};  ///< its own over every restart
  std::uint16_t port_ = static_cast<std::uint16_t>(std::stoi(address_.text().substr(address_.text().rfind(':') + 1)));
  pid_t pid_ = 0;
};

}  // namespace danwa::tests
