#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/grpc/chat.pb.h"
#include "infra/grpc/chat_codec.hpp"
#include "infra/grpc/chat_stream.hpp"
#include "infra/net/io_threads.hpp"

namespace danwa::grpc {

inline chat::v1::ChatResponse decode_response(const WireMessage& message) {
  std::vector<::grpc::Slice> slices;
  static_cast<void>(message.bytes.Dump(&slices));
  std::string bytes;
  for (const auto& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  chat::v1::ChatResponse out;
  out.ParseFromString(bytes);
  return out;
}

/// A call without gRPC: keeps what is written until the test, or a thread of its own, takes it; checks the rules of
/// StreamWire. Thread safe.
class FakeWire final : public StreamWire {
 public:
  explicit FakeWire(std::shared_ptr<ChatStream> stream) : stream_{std::move(stream)} {}

  void accept() override {
    const std::lock_guard lock{mutex_};
    if (accepted_ || written_ > 0) broken_ = "accept comes once, before all writes";
    accepted_ = true;
  }
  void read() override {
    const std::lock_guard lock{mutex_};
    if (reading_ || end_) broken_ = "one read at a time, none after the end";
    reading_ = true;
    changed_.notify_all();
  }
  void write(WireMessagePtr message, bool more) override {
    const std::lock_guard lock{mutex_};
    if (writing_ || end_) broken_ = "one write at a time, none after the end";
    if (more && !accepted_ && written_ == 0) broken_ = "the first message must not wait for the next";
    writing_ = std::move(message);
    written_from_ = net::IoThread::current();
    more_ = more;
    ++written_;
    changed_.notify_all();
  }
  void finish(const adapters::rpc::CallCloseReason& end) override {
    const std::lock_guard lock{mutex_};
    if (writing_ || end_) broken_ = "the end comes once, after the last write";
    end_ = end;
    changed_.notify_all();
  }
  void cancel() override {
    const std::lock_guard lock{mutex_};
    cancelled_ = true;
    changed_.notify_all();
  }

  /// Takes what is written and says so; nothing: none came in time.
  std::optional<chat::v1::ChatResponse> take() {
    WireMessagePtr message;
    {
      std::unique_lock lock{mutex_};
      if (!wait(lock, [this] { return writing_ != nullptr; })) return std::nullopt;
      message = std::exchange(writing_, nullptr);
    }
    auto response = decode_response(*message);
    stream_->on_written(true);
    return response;
  }

  /// The client asks, when the stream is ready to hear it.
  bool ask(std::optional<adapters::rpc::ChatRequest> request) {
    {
      std::unique_lock lock{mutex_};
      if (!wait(lock, [this] { return reading_; })) return false;
      reading_ = false;
    }
    stream_->on_request(std::move(request));
    return true;
  }

  /// The client is gone: what is under way fails.
  void drop() {
    stream_->on_cancelled();  // from now on nothing is written
    bool write_failed = false;
    {
      const std::lock_guard lock{mutex_};
      write_failed = std::exchange(writing_, nullptr) != nullptr;
    }
    if (write_failed) stream_->on_written(false);
  }

  std::optional<adapters::rpc::CallCloseReason> wait_end() {
    std::unique_lock lock{mutex_};
    wait(lock, [this] { return end_.has_value(); });
    return end_;
  }
  bool wait_cancelled() {
    std::unique_lock lock{mutex_};
    return wait(lock, [this] { return cancelled_; });
  }
  bool is_reading() {
    const std::lock_guard lock{mutex_};
    return reading_;
  }
  bool accepted() {
    const std::lock_guard lock{mutex_};
    return accepted_;
  }
  bool has_written() {
    const std::lock_guard lock{mutex_};
    return writing_ != nullptr;
  }
  /// The io thread of the last write; null: another thread.
  const net::IoThread* written_from() {
    const std::lock_guard lock{mutex_};
    return written_from_;
  }
  bool told_more() {
    const std::lock_guard lock{mutex_};
    return more_;
  }
  std::string broken() {
    const std::lock_guard lock{mutex_};
    return broken_;
  }

 private:
  template <class Condition>
  bool wait(std::unique_lock<std::mutex>& lock, Condition condition) {
    return changed_.wait_for(lock, std::chrono::seconds{10}, condition);
  }

  const std::shared_ptr<ChatStream> stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  WireMessagePtr writing_;
  const net::IoThread* written_from_ = nullptr;
  bool more_ = false;
  bool accepted_ = false;
  bool reading_ = false;
  bool cancelled_ = false;
  std::size_t written_ = 0;
  std::optional<adapters::rpc::CallCloseReason> end_;
  std::string broken_;
};

}  // namespace danwa::grpc
