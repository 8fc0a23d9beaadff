#include "infra/beast/http_session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "adapters/http/problem.hpp"

// One HTTP connection, as a state machine over callbacks (Phase). This file is its reading half: from bytes to a
// request that is worth running; http_session_answers.cpp goes on from there. At most one read is in flight. It stays
// in flight while a handler runs, so the session notices a client that leaves, and drops the reads that wait for it.
// Requests that come early wait in the buffer, which is bounded by the size of a head.
//
// MovingDeadline: each request moves the deadline of its connection. A timer operation for each of them would be
// wasted, so the timer fires at the old time and is then set again.

namespace danwa::beast {

void MovingDeadline::begin(std::weak_ptr<void> owner, std::function<void()> expire) {
  owner_ = std::move(owner);
  expire_ = std::move(expire);
}

void MovingDeadline::expire_after(std::chrono::milliseconds time) {
  deadline_ = Clock::now() + time;
  if (deadline_ < goes_off_) run();
}

void MovingDeadline::end() {
  rest();
  owner_.reset();
  timer_.cancel();
}

void MovingDeadline::run() {
  goes_off_ = deadline_;
  timer_.expires_at(goes_off_);
  timer_.async_wait([this, owner = owner_](const boost::system::error_code& error) {
    if (error) return;
    if (const auto alive = owner.lock()) on_timer();
  });
}

void MovingDeadline::on_timer() {
  goes_off_ = Clock::time_point::max();
  if (deadline_ == Clock::time_point::max()) return;
  if (Clock::now() < deadline_) return run();
  rest();
  expire_();
}

namespace {

constexpr std::chrono::milliseconds kGrace{100};       // for a request that arrives while its connection drains
constexpr std::chrono::milliseconds kUnreadTime{250};  // for the rest of a head that is refused for its length

bool is_refused_for_length(int status) { return status == 414 || status == 431; }

}  // namespace

namespace http = adapters::http;
using boost::asio::ip::tcp;
using boost::system::error_code;
using State = http::RequestReader::State;

void HttpSession::start() {
  deadline_.begin(weak_from_this(), [this] { on_deadline(); });
  place_ = context_.connections.add(weak_from_this());
  wait_for_more();
}

void HttpSession::drain(std::chrono::milliseconds delay, std::chrono::milliseconds) {
  boost::asio::post(executor_, [self = shared_from_this(), delay] {
    self->draining_ = true;
    if (self->cancellation_) self->cancellation_->cancel();
    if (self->phase_ == Phase::reading && !self->reader_.begun()) self->deadline_.expire_after(delay);
  });
}

void HttpSession::stop() {
  boost::asio::post(executor_, [self = shared_from_this()] { self->close(); });
}

void HttpSession::read() {
  if (reading_ || ended_) return;
  const auto space = input_.space(context_.limits.max_head);
  if (space.empty()) return;
  reading_ = true;
  socket_.async_read_some(
      boost::asio::buffer(space.data(), space.size()),
      [self = shared_from_this()](const error_code& error, std::size_t size) { self->on_read(error, size); });
}

void HttpSession::on_read(const error_code& error, std::size_t size) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  input_.commit(size);
  if (phase_ == Phase::leaving) return std::exchange(leave_, nullptr)();
  if (error) ended_ = true;
  if (error && error != boost::asio::error::eof && phase_ != Phase::writing) return close();
  if (phase_ == Phase::reading) return advance();
  if (phase_ == Phase::handling && ended_) return dismiss();
  read();
}

void HttpSession::on_deadline() {
  if (phase_ != Phase::reading) return close();
  if (unread_) return seek_origin(false);
  error_code ignored;
  if (draining_ && !reader_.begun() && socket_.available(ignored) > 0) return deadline_.expire_after(kGrace);
  if (!reader_.begun() || answered_) return linger();
  give_up(http::problem(408, "request-too-slow", "The request did not come in time."));
}

/// Processes the received bytes until more are needed.
void HttpSession::advance() {
  if (unread_) return seek_origin(true);
  while (phase_ == Phase::reading) {
    const auto used = reader_.feed(input_.bytes());
    input_.consume(used);
    switch (reader_.state()) {
      case State::head_read:
        if (!judge_head()) return;
        break;
      case State::done:
        answered_ ? next_request() : run_handler();
        break;
      case State::refused:
        return answered_ ? linger() : give_up(http::to_response(reader_.refusal()));
      default:
        if (used == 0 || input_.bytes().empty()) return wait_for_more();
    }
  }
}

void HttpSession::wait_for_more() {
  if (ended_) {
    if (!reader_.begun() || answered_) return linger();
    return give_up(http::problem(400, "request-cut", "The request ended before it was whole."));
  }
  if (!reader_.begun()) {
    deadline_.expire_after(context_.options.idle_time);
  } else if (!std::exchange(timed_, true)) {
    deadline_.expire_after(reader_.state() == State::body ? context_.options.body_time : context_.options.head_time);
  }
  read();
}

void HttpSession::next_request() {
  reader_.restart();
  answered_ = without_body_ = http_1_0_ = timed_ = false;
  method_.clear();
  path_.clear();
  origin_.clear();
  handshake_.reset();
}

/// Gives the last answer, to a request that is not read to its end. The page that sent it should see the answer. So its
/// origin is searched in the unread bytes, and a head that is too long is read for a moment more, because browsers send
/// a head as a whole.
void HttpSession::give_up(http::Response refusal) {
  if (!method_.empty()) return answer_last(std::move(refusal));
  const bool waits = is_refused_for_length(refusal.status);
  unread_.emplace(Unread{std::move(refusal), {}});
  if (waits) deadline_.expire_after(kUnreadTime);
  seek_origin(waits);
}

/// Answers the unread head when its origin is known or the time is over.
void HttpSession::seek_origin(bool may_wait) {
  auto& finder = unread_->finder;
  finder.feed(input_.bytes());
  input_.consume(input_.bytes().size());
  if (may_wait && !ended_ && !finder.done()) return read();
  origin_ = finder.origin();
  auto refusal = std::move(unread_->refusal);
  unread_.reset();
  answer_last(std::move(refusal));
}

/// False: it is refused, and `on_written` goes on after the answer.
bool HttpSession::judge_head() {
  auto& [request, framing, refusal] = reader_.head();
  timed_ = false;  // the body has a deadline of its own
  keep_alive_ = framing.keep_alive;
  http_1_0_ = request.http_1_0;
  without_body_ = request.method == "HEAD";
  method_ = request.method;
  path_ = request.path();
  if (request.count_header("origin") == 1) origin_ = *request.header("origin");
  if (!refusal) refusal = refuse_place(request);
  if (!refusal) refusal = context_.router.refuse_early(request, framing.content_length);
  if (refusal) {
    answer_early(std::move(*refusal));
    return false;
  }
  reader_.read_body(context_.router.max_body(request));
  if (reader_.state() == State::body && framing.expects_continue && !http_1_0_) send_continue();
  return true;
}

/// Refuses a request for an unknown host name, or of a page that may not use this server.
std::optional<http::Response> HttpSession::refuse_place(const http::Request& request) const {
  auto refusal = context_.origins.refuse_host(request);
  if (refusal && context_.router.answers_any_host(request)) refusal.reset();
  return refusal ? std::move(refusal) : context_.origins.refuse_origin(request);
}

void HttpSession::answer_early(http::Response response) {
  const auto& framing = reader_.head().framing;
  const bool body_may_not_come = framing.has_body() && framing.expects_continue;
  reader_.skip_body(context_.limits.max_body);
  if (body_may_not_come || response.status == 413 || reader_.state() == State::refused) keep_alive_ = false;
  answered_ = true;
  answer(std::move(response));
}

}  // namespace danwa::beast
