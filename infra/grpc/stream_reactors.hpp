#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>

#include "infra/grpc/chat_codec.hpp"
#include "infra/grpc/chat_stream.hpp"

namespace danwa::infra {

/// The metadata of a call.
adapters::rpc::CallMetadata metadata_of(const ::grpc::CallbackServerContext& context);

/// The status of `end`. Its retry delay, if any, goes into the trailing metadata of `context`.
::grpc::Status to_status(const adapters::rpc::CallEnd& end, ::grpc::CallbackServerContext& context);

/// The writing side of a stream's call. Deletes itself in `OnDone`.
template <class Reactor>
class WritingReactor : public Reactor, public StreamWire {
 public:
  WritingReactor(::grpc::CallbackServerContext& context, std::shared_ptr<ChatStream> stream)
      : context_{context}, stream_{std::move(stream)} {}

  void accept() override { this->StartSendInitialMetadata(); }
  void read() override {}
  void write(WireMessagePtr message, bool more) override {
    writing_ = std::move(message);
    ::grpc::WriteOptions options;
    if (more) options.set_buffer_hint();
    this->StartWrite(&writing_->bytes, options);
  }
  void finish(const adapters::rpc::CallEnd& end) override { this->Finish(to_status(end, context_)); }
  void cancel() override { context_.TryCancel(); }

  void OnWriteDone(bool ok) override { stream_->on_written(ok); }
  void OnCancel() override { stream_->on_cancelled(); }
  void OnDone() override {
    stream_->on_done();
    delete this;
  }

 protected:
  ChatStream& stream() { return *stream_; }

 private:
  ::grpc::CallbackServerContext& context_;
  const std::shared_ptr<ChatStream> stream_;
  WireMessagePtr writing_;
};

using WatchReactor = WritingReactor<::grpc::ServerWriteReactor<::grpc::ByteBuffer>>;

/// The same for a client that also sends requests.
class ChatReactor final : public WritingReactor<::grpc::ServerBidiReactor<::grpc::ByteBuffer, ::grpc::ByteBuffer>> {
 public:
  using WritingReactor::WritingReactor;

  void read() override { StartRead(&request_); }
  void OnReadDone(bool ok) override;

 private:
  ::grpc::ByteBuffer request_;
};

}  // namespace danwa::infra
