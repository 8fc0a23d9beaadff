#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include <memory>

#include "adapters/grpc/chat.grpc.pb.h"
#include "infra/grpc/call_lanes.hpp"
#include "infra/grpc/stream_context.hpp"

namespace danwa::infra {

/// Starts the calls of both services below. Thread safe.
class ChatCalls {
 public:
  using Context = ::grpc::CallbackServerContext;
  using Bytes = ::grpc::ByteBuffer;

  ChatCalls(StreamContext& context, CallLanes& lanes) : context_{context}, lanes_{lanes} {}

  /// `spoken_only`: for a client that reads the field `message` alone.
  ::grpc::ServerBidiReactor<Bytes, Bytes>* chat(Context& call, bool spoken_only);
  ::grpc::ServerWriteReactor<Bytes>* watch(Context& call, const Bytes& request);
  ::grpc::ServerUnaryReactor* send(Context& call, const Bytes& request, Bytes& answer);
  ::grpc::ServerUnaryReactor* read(Context& call, const Bytes& request, Bytes& answer);

 private:
  template <class Task>
  ::grpc::ServerUnaryReactor* answer(Context& call, ::grpc::ServerUnaryReactor* reactor, boost::asio::io_context& lane,
                                     Task task);

  StreamContext& context_;
  CallLanes& lanes_;
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
class OtherNames final : public ::grpc::CallbackGenericService {
 public:
  explicit OtherNames(ChatCalls& calls) : calls_{calls} {}

  ::grpc::ServerGenericBidiReactor* CreateReactor(::grpc::GenericCallbackServerContext* call) override;

 private:
  ChatCalls& calls_;
};

}  // namespace danwa::infra
