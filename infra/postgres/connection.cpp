#include "infra/postgres/connection.hpp"

#include <unistd.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <mutex>
#include <string_view>

// libpq in non-blocking pipeline mode, driven by Asio. All statements of a script and one sync are sent before the
// first answer is read, so a script costs one round trip: one connection ran 120,600 statements a second in pipelines
// of 100, and 4,014 one by one. A statement is prepared under a name made of the address of its SQL constant.
//
// Asio waits on a duplicate of the socket's descriptor, so that libpq and Asio each close their own. A timer bounds
// each call. When it fires, the connection is lost for good, because a pipeline whose answers were read in part cannot
// be continued.
//
// HostLookup: libpq's own lookup of a name blocks, so names are resolved on a few threads, before libpq gets the
// addresses. A failure is classified by its SQLSTATE, because the answer to the client, a repetition, and the search
// for another server depend on it.

namespace danwa::postgres {
namespace {

/// Classes of SQLSTATE that concern the server, not the statement: connection, resources, operator, system, read-only,
/// configuration.
bool is_of_the_server(std::string_view state) {
  const auto kind = state.substr(0, 2);
  return kind == "08" || kind == "53" || kind == "57" || kind == "58" || kind == "XX" || kind == "F0" ||
         state == "25006";
}

}  // namespace

domain::Errors to_errors(const Failure& failure) {
  if (failure.lost()) return storage::database_failed();
  if (failure.is_locked() || failure.state() == "40P01" || failure.state() == "40001" || failure.state() == "53300") {
    return storage::database_busy();
  }
  if (failure.state() == "53100") return storage::database_full();
  return is_of_the_server(failure.state()) ? storage::database_failed() : storage::database_error();
}

using usecase::Async;

Async<std::optional<Failure>> failure_of(Async<void> work) {
  try {
    co_await std::move(work);
  } catch (const Failure& failure) {
    co_return failure;
  } catch (const std::exception& surprise) {
    co_return Failure::of_connection(surprise.what());
  }
  co_return std::nullopt;
}

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kThreads = 4;  // so that one name without an answer does not delay the others

/// Never destroyed, because a name server may still be silent when the process ends.
boost::asio::thread_pool& lookup_threads() {
  static auto* const pool = new boost::asio::thread_pool{kThreads};
  return *pool;
}

/// The host name to resolve. Empty if the host is a socket directory or an address, or is resolved already.
std::string name_in(const Target& target) {
  const auto host = target.parameters.find("host");
  if (host == target.parameters.end() || target.parameters.count("hostaddr") > 0) return {};
  if (host->second.front() == '/' || host->second.front() == '@') return {};
  error_code no_address;
  boost::asio::ip::make_address(host->second, no_address);
  return no_address ? host->second : std::string{};
}

struct Answer {
  error_code error;
  tcp::resolver::results_type found;
};

}  // namespace

/// A lookup in progress: the first answer, from the resolver or from a cancellation, reaches the caller. Thread safe.
class HostLookup::Question {
 public:
  explicit Question(std::function<void(Answer)> asker) : asker_{std::move(asker)} {}

  bool is_open() {
    const std::lock_guard lock{mutex_};
    return asker_ != nullptr;
  }
  /// Passes the first answer on and ignores later ones.
  void answer(Answer answer) {
    std::function<void(Answer)> asker;
    {
      const std::lock_guard lock{mutex_};
      asker.swap(asker_);
    }
    if (asker) asker(std::move(answer));
  }

 private:
  std::mutex mutex_;
  std::function<void(Answer)> asker_;
};

Async<Target> HostLookup::look_up(Target target) {
  const std::string host = name_in(target);
  if (host.empty()) co_return target;
  auto start = [this, host](auto resume) {
    question_ = std::make_shared<Question>(std::move(resume));
    boost::asio::post(lookup_threads(), [question = question_, host] {
      if (!question->is_open()) return;
      Answer answer;
      answer.found = tcp::resolver{lookup_threads()}.resolve(host, "", answer.error);
      question->answer(std::move(answer));
    });
  };
  const Answer answer = co_await usecase::suspend_until<Answer>(std::move(start));
  if (answer.error) throw Failure::of_connection("cannot look up its host: " + answer.error.message());
  std::string hosts;
  std::string addresses;
  for (const auto& entry : answer.found) {
    const char* comma = hosts.empty() ? "" : ",";
    hosts += comma + host;  // the certificate is still checked against the name
    addresses += comma + entry.endpoint().address().to_string();
  }
  target.parameters["host"] = hosts;
  target.parameters["hostaddr"] = addresses;
  co_return target;
}

void HostLookup::cancel() {
  if (question_) question_->answer({boost::asio::error::timed_out, {}});
}

namespace {

bool ends_the_connection(const Rows& rows) {
  const auto severity = rows.field(PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

/// A server that accepts no more writes (25006) counts as a lost connection, so that the next attempt looks for the one
/// that does. Unknown or foreign prepared statements (26000, 42P05) mean that others use the session, too.
Failure failure_of(const Rows& rows) {
  const auto state = rows.field(PG_DIAG_SQLSTATE);
  const auto message = rows.field(PG_DIAG_MESSAGE_PRIMARY);
  if (state == "26000" || state == "42P05") return Failure::of_connection(SharedSession{}.what());
  return state == "25006" ? Failure::of_connection(message) : Failure{state, message};
}

}  // namespace

Connection::Guard::Guard(Connection& owner, std::chrono::milliseconds limit) : connection{owner} {
  owner.limit_.expires_after(limit);
  // The weak pointer and the number of the call keep a late timer from aborting a later call or a destroyed connection.
  owner.limit_.async_wait([&owner, call = ++owner.call_, alive = std::weak_ptr{owner.alive_}](const error_code& error) {
    if (!error && !alive.expired() && owner.call_ == call) owner.abort("it did not answer in time");
  });
}

Connection::Guard::~Guard() {
  ++connection.call_;
  connection.limit_.cancel();
}

Connection::~Connection() = default;

void Connection::note_warning(void* self, const PGresult* notice) {
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity != nullptr && std::string{severity} == "WARNING") static_cast<Connection*>(self)->warned_ = true;
}

Async<void> Connection::open(const Target& target, std::chrono::milliseconds limit) {
  const Guard guard{*this, limit};
  const auto found = co_await lookup_.look_up(target);
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : found.parameters) names.push_back(name.c_str()), values.push_back(value.c_str());
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (!connection_ || PQstatus(connection_.get()) == CONNECTION_BAD) lose("cannot connect");
  PQsetNoticeReceiver(connection_.get(), &note_warning, this);
  co_await shake_hands();
  require_suitable_server(connection_.get());
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) lose("no pipeline");
  attach_socket();
  usable_ = true;
}

Async<void> Connection::shake_hands() {
  for (auto step = PGRES_POLLING_WRITING; step != PGRES_POLLING_OK;) {
    attach_socket();  // libpq may have moved on to another address
    co_await wait(step == PGRES_POLLING_READING ? Socket::wait_read : Socket::wait_write);
    step = PQconnectPoll(connection_.get());
    if (step == PGRES_POLLING_FAILED) lose("cannot connect");
  }
}

void Connection::attach_socket() {
  socket_.reset();
  const int own = ::dup(PQsocket(connection_.get()));
  if (own < 0) lose("no descriptor");
  socket_.emplace(io_, own);
}

Async<std::vector<Rows>> Connection::run(const Script& script, std::chrono::milliseconds limit) {
  if (!usable_) lose("it is closed");
  warned_ = false;
  const Guard guard{*this, limit};
  const auto prepared_now = send(script);
  co_await flush();
  co_return co_await receive(script, prepared_now);
}

/// Returns which steps were preceded by the preparation of their statement.
std::vector<bool> Connection::send(const Script& script) {
  std::vector<bool> prepared_now;
  for (const auto& step : script.steps()) {
    if (step.sql == nullptr) {
      if (PQpipelineSync(connection_.get()) != 1) lose("cannot send");
      prepared_now.push_back(false);
      continue;
    }
    prepared_now.push_back(prepare(step.sql));
    const auto values = step.values.pointers();
    const auto& name = prepared_.at(step.sql);
    if (PQsendQueryPrepared(connection_.get(), name.c_str(), step.values.size(), values.data(), nullptr, nullptr, 0) !=
        1) {
      lose("cannot send");
    }
  }
  if (PQpipelineSync(connection_.get()) != 1) lose("cannot send");
  return prepared_now;
}

/// The pipeline prepares and executes in the same round trip. False: the statement was prepared before.
bool Connection::prepare(const char* sql) {
  const auto [place, added] = prepared_.try_emplace(sql);
  if (!added) return false;
  place->second = "danwa_" + std::to_string(reinterpret_cast<std::uintptr_t>(sql));
  if (PQsendPrepare(connection_.get(), place->second.c_str(), sql, 0, nullptr) != 1) lose("cannot send");
  return true;
}

Async<void> Connection::flush() {
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left == 0) co_return;
    if (left < 0) lose("cannot send");
    co_await wait_any();  // a server whose answers are not read stops reading statements
    consume();
  }
}

Async<std::vector<Rows>> Connection::receive(const Script& script, const std::vector<bool>& prepared_now) {
  std::vector<Rows> answers;
  std::optional<Failure> failure;
  const auto look = [&failure](const Rows& rows) {
    if (!failure && rows.status() == PGRES_FATAL_ERROR) failure = failure_of(rows);
    return rows.good();
  };
  // After a failure the server skips the statements up to the next sync. Their answers are read all the same, so that
  // the connection stays in step.
  for (std::size_t n = 0; n < prepared_now.size(); ++n) {
    const char* sql = script.steps()[n].sql;
    if (sql == nullptr) {
      co_await expect_sync();
      continue;
    }
    if (prepared_now[n] && !look(co_await answer())) prepared_.erase(sql);
    answers.push_back(co_await answer());
    look(answers.back());
  }
  co_await expect_sync();
  if (failure) throw Failure{*failure};
  co_return answers;
}

/// In pipeline mode a null result ends the answer to each statement.
Async<Rows> Connection::answer() {
  Rows rows = co_await next_result();
  if (rows.status() == PGRES_PIPELINE_SYNC) lose("answers out of order");
  const Rows end = co_await next_result();
  if (!end.is_nothing()) lose("answers out of order");
  co_return rows;
}

Async<void> Connection::expect_sync() {
  const Rows rows = co_await next_result();
  if (rows.status() != PGRES_PIPELINE_SYNC) lose("answers out of order");
}

Async<Rows> Connection::next_result() {
  while (PQisBusy(connection_.get()) != 0) {
    co_await wait(Socket::wait_read);
    consume();
  }
  Rows rows{PQgetResult(connection_.get())};
  const bool broken = PQstatus(connection_.get()) == CONNECTION_BAD;
  if (broken && rows.is_nothing()) lose("cannot receive");
  if (broken || ends_the_connection(rows)) lose(rows.field(PG_DIAG_MESSAGE_PRIMARY));
  co_return rows;
}

Async<void> Connection::wait(Socket::wait_type direction) {
  if (aborted_ != nullptr) lose(aborted_);
  error_code error;
  co_await socket_->async_wait(direction, boost::asio::redirect_error(boost::asio::use_awaitable, error));
  if (aborted_ != nullptr) lose(aborted_);
  if (error) lose(error.message());
}

Async<void> Connection::wait_any() {
  if (aborted_ != nullptr) lose(aborted_);
  auto start = [this](auto resume) {
    auto once = std::make_shared<bool>(false);
    auto fired = [once, resume](const error_code& /*error*/) mutable {
      if (!std::exchange(*once, true)) resume(true);
    };
    socket_->async_wait(Socket::wait_read, fired);
    socket_->async_wait(Socket::wait_write, fired);
  };
  co_await usecase::suspend_until<bool>(std::move(start));
  if (aborted_ != nullptr) lose(aborted_);
  socket_->cancel();
}

void Connection::consume() {
  if (PQconsumeInput(connection_.get()) != 1) lose("cannot receive");
}

void Connection::abort(const char* why) {
  usable_ = false;
  aborted_ = why;
  lookup_.cancel();
  if (socket_) {
    error_code ignored;
    socket_->close(ignored);
  }
}

/// Marks the connection as unusable and throws. Only the first line of libpq's message is kept.
void Connection::lose(const std::string& why) {
  usable_ = false;
  std::string message = why;
  if (aborted_ == nullptr && connection_) message += std::string{": "} + PQerrorMessage(connection_.get());
  throw Failure::of_connection(message.substr(0, message.find('\n')));
}

}  // namespace danwa::postgres
