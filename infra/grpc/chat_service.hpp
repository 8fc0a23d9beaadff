#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <memory>
#include <utility>

#include "adapters/grpc/chat.grpc.pb.h"
#include "infra/grpc/chat_codec.hpp"
#include "infra/grpc/chat_stream.hpp"

namespace danwa::grpc {

/// The metadata of a call.
adapters::rpc::CallMetadata metadata_of(const ::grpc::CallbackServerContext& context);

/// The status of `end`. Its retry delay, if any, goes into the trailing metadata of `context`.
::grpc::Status to_status(const adapters::rpc::CallCloseReason& end, ::grpc::CallbackServerContext& context);

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
  void finish(const adapters::rpc::CallCloseReason& end) override { this->Finish(to_status(end, context_)); }
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

/// Starts the calls of both services below, each on the next io thread in turn. Thread safe.
class ChatCalls {
 public:
  using Context = ::grpc::CallbackServerContext;
  using Bytes = ::grpc::ByteBuffer;

  ChatCalls(std::shared_ptr<StreamContext> context, net::IoThreads& io_threads)
      : context_{std::move(context)}, io_threads_{io_threads} {}

  /// `spoken_only`: for a client that reads the field `message` alone.
  ::grpc::ServerBidiReactor<Bytes, Bytes>* chat(Context& call, bool spoken_only);
  ::grpc::ServerWriteReactor<Bytes>* watch(Context& call, const Bytes& request);
  ::grpc::ServerUnaryReactor* send(Context& call, const Bytes& request, Bytes& answer);
  ::grpc::ServerUnaryReactor* read(Context& call, const Bytes& request, Bytes& answer);

 private:
  template <class Task>
  ::grpc::ServerUnaryReactor* answer(Context& call, ::grpc::ServerUnaryReactor* reactor, net::IoThread& io_thread,
                                     Task task);

  const std::shared_ptr<StreamContext> context_;
  net::IoThreads& io_threads_;
};

using RawReadUpdates = ::chat::v1::ChatRoom::WithRawCallbackMethod_ReadUpdates<::chat::v1::ChatRoom::Service>;
using RawWatchUpdates = ::chat::v1::ChatRoom::WithRawCallbackMethod_WatchUpdates<RawReadUpdates>;
using RawSendComment = ::chat::v1::ChatRoom::WithRawCallbackMethod_SendComment<RawWatchUpdates>;
using RawChatRoom = ::chat::v1::ChatRoom::WithRawCallbackMethod_Chat<RawSendComment>;

/// `chat.v1.ChatRoom`. Its methods take and send raw bytes, so that all streams share the bytes of an update.
class ChatService final : public RawChatRoom {
 public:
  explicit ChatService(ChatCalls& calls) : calls_{calls} {}

  using Context = ChatCalls::Context;
  using Bytes = ChatCalls::Bytes;
  ::grpc::ServerBidiReactor<Bytes, Bytes>* Chat(Context* call) override { return calls_.chat(*call, false); }
  ::grpc::ServerUnaryReactor* SendComment(Context* call, const Bytes* request, Bytes* answer) override {
    return calls_.send(*call, *request, *answer);
  }
  ::grpc::ServerWriteReactor<Bytes>* WatchUpdates(Context* call, const Bytes* request) override {
    return calls_.watch(*call, *request);
  }
  ::grpc::ServerUnaryReactor* ReadUpdates(Context* call, const Bytes* request, Bytes* answer) override {
    return calls_.read(*call, *request, *answer);
  }

 private:
  ChatCalls& calls_;
};

/// The same Chat under the names that minimal clients use, `/hello.ChatRoom/Chat` and `/ChatRoom/Chat`. Every other
/// unknown method ends with UNIMPLEMENTED.
class LegacyServiceNames final : public ::grpc::CallbackGenericService {
 public:
  explicit LegacyServiceNames(ChatCalls& calls) : calls_{calls} {}

  ::grpc::ServerGenericBidiReactor* CreateReactor(::grpc::GenericCallbackServerContext* call) override;

 private:
  ChatCalls& calls_;
};

}  // namespace danwa::grpc
