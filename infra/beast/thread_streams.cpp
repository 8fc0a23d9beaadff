#include "infra/beast/thread_streams.hpp"

#include <boost/asio/io_context.hpp>
#include <utility>

#include "infra/beast/stream_session.hpp"

// An io thread serves thousands of streams, so whatever can be shared is here and not in the stream. The streams that
// got something in a turn are written at its end, one call each; the subscribers of the thread have all run by then.

namespace danwa::beast {

ThreadStreams::ThreadStreams(boost::asio::execution_context& context)
    : service{context},
      thread_{*net::IoThread::current()},
      timer_{static_cast<boost::asio::io_context&>(context)},
      wheel_{Clock::now()} {}

ThreadStreams& ThreadStreams::here() {
  return boost::asio::use_service<ThreadStreams>(net::IoThread::current()->context());
}

void ThreadStreams::write_at_turn_end(std::shared_ptr<StreamSession> stream) {
  if (to_write_.empty()) {
    thread_.at_turn_end({[](void* streams) { static_cast<ThreadStreams*>(streams)->write(); }, this});
  }
  to_write_.push_back(std::move(stream));
}

void ThreadStreams::write() {
  writing_.swap(to_write_);
  for (const auto& stream : writing_) stream->write_turn();
  writing_.clear();
}

void ThreadStreams::set_due(StreamSession& stream, Clock::time_point due) {
  wheel_.set(stream, due);
  if (due + TimerWheel::kStep < alarm_) set_alarm();
}

void ThreadStreams::on_alarm() {
  alarm_ = Clock::time_point::max();
  wheel_.advance(Clock::now());
  set_alarm();
}

void ThreadStreams::set_alarm() {
  const auto next = wheel_.next();
  if (!next || *next >= alarm_) return;
  alarm_ = *next;
  timer_->expires_at(alarm_);
  timer_->async_wait([this](const boost::system::error_code& error) {
    if (!error) on_alarm();
  });
}

void ThreadStreams::shutdown() {
  wheel_.clear([](TimerWheel::Entry& entry) {
    static_cast<StreamSession&>(entry).stop_now();
    TimerWheel::remove(entry);
  });
  to_write_.clear();
  timer_.reset();
}

}  // namespace danwa::beast
