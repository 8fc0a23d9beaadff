#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/problem.hpp"
#include "infra/beast/http_server.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::beast {

class FixedClock final : public usecase::Clock {
 public:
  domain::Timestamp now() const override { return domain::Timestamp{std::chrono::seconds{784'111'777}}; }
};

class CountingLogger final : public adapters::Logger {
 public:
  void log(adapters::LogLevel, std::string_view event, std::vector<adapters::LogField>) override {
    const std::lock_guard lock{mutex_};
    events_.emplace_back(event);
  }
  std::size_t count(std::string_view event) const {
    const std::lock_guard lock{mutex_};
    return static_cast<std::size_t>(std::count(events_.begin(), events_.end(), event));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

/// No test here watches.
class NoFeed final : public delivery::UpdateFeed {
 public:
  std::unique_ptr<delivery::Subscription> watch(usecase::Watch, std::weak_ptr<delivery::Watcher>) override {
    return nullptr;
  }
};

/// Lets a handler of a test go on when the test says so.
class Gate {
 public:
  std::atomic<int> waiting{0};

  void enter(std::function<void(bool)> resume) {
    const std::lock_guard lock{mutex_};
    resumes_.push_back(std::move(resume));
    ++waiting;
  }
  void open() {
    const std::lock_guard lock{mutex_};
    for (auto& resume : std::exchange(resumes_, {})) resume(true);
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void(bool)>> resumes_;
};

inline adapters::http::Response text(std::string body) {
  return {.content_type = "text/plain", .body = std::move(body)};
}

/// A server on a free port with a few routes:
/// `GET /` "hello"; `POST /echo` its body; `POST /json` wants a token and JSON; `GET /defect` throws;
/// `GET /gate` waits for the gate; `GET /wait` is a long poll that nothing ends but hurry;
/// `GET /big` 1 MB.
class TestServer {
 public:
  explicit TestServer(HttpOptions options = {}, std::size_t threads = 1)
      : threads_{threads}, server_{with_port(std::move(options)), threads_, routes(), feed_, log, metrics, clock_} {
    server_.start();
  }
  ~TestServer() {
    server_.stop();
    threads_.end();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  HttpServer& operator*() { return server_; }
  HttpServer* operator->() { return &server_; }
  net::IoThread& first_thread() { return threads_.at(0); }
  int port() const {
    const auto address = server_.bound_address();
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  Gate gate;
  std::atomic<int> handled{0};  // requests whose handler began
  CountingLogger log;
  adapters::Metrics metrics;

 private:
  using Request = adapters::http::Request;
  using Params = adapters::http::PathParams;
  using Answer = usecase::Async<adapters::http::Reply>;

  static HttpOptions with_port(HttpOptions options) {
    options.listen = "127.0.0.1:0";
    return options;
  }

  void add(std::string_view method, std::string_view path, std::function<Answer(Request)> run,
           adapters::http::RouteOptions options = {}) {
    router_.add(
        method, path,
        [this, run = std::move(run)](Request request, Params) {
          ++handled;
          return run(std::move(request));
        },
        options);
  }

  static Answer answer(std::string body) { co_return text(std::move(body)); }

  Answer wait_at_gate() {
    auto start = [this](auto resume) { gate.enter(std::move(resume)); };
    co_await usecase::suspend_until<bool>(std::move(start));
    co_return text("through");
  }

  static Answer wait_for_cancellation(Request request) {
    auto cancellation = request.cancellation;
    auto start = [cancellation](auto resume) { cancellation->on_cancel([resume]() mutable { resume(true); }); };
    co_await usecase::suspend_until<bool>(std::move(start));
    co_return text("hurried");
  }

  static Answer fail() {
    throw std::runtime_error{"broken"};
    co_return text("");
  }

  const adapters::http::Router& routes() {
    add("GET", "/", [](Request) { return answer("hello"); });
    add("GET", "/big", [](Request) { return answer(std::string(1'000'000, 'b')); });
    add("POST", "/echo", [](Request request) { return answer(std::move(request.body)); });
    add("POST", "/json", [](Request) { return answer("{}"); },
        {.caller = adapters::http::CallerNeed::writer, .takes_json = true});
    add("GET", "/defect", [](Request) { return fail(); });
    add("GET", "/gate", [this](Request) { return wait_at_gate(); });
    add("GET", "/wait", [](Request request) { return wait_for_cancellation(std::move(request)); });
    router_.set_token_check([](const Request& request, auto) -> domain::Result<usecase::LeasePtr> {
      if (request.header("authorization")) return usecase::LeasePtr{};
      return domain::fail(
          domain::DomainError{domain::ErrorKind::unauthenticated, "token-required", "authorization", "A token."});
    });
    return router_;
  }

  adapters::http::Router router_;
  NoFeed feed_;
  FixedClock clock_;
  net::IoThreads threads_;
  HttpServer server_;  // last: it uses all the above
};

}  // namespace danwa::beast
