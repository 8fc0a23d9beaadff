#pragma once

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/grpc/chat.grpc.pb.h"
#include "infra/grpc/chat_world.hpp"
#include "infra/grpc/grpc_server.hpp"
#include "support/wait_for.hpp"

namespace danwa::grpc {

using chat::v1::ChatResponse;

using Metadata = std::vector<std::pair<std::string, std::string>>;

inline Metadata as(const std::string& user, const std::string& conversation = "room") {
  return {{"authorization", "Bearer " + user}, {"conversation-key", conversation}};
}

inline void prepare(::grpc::ClientContext& context, const Metadata& metadata) {
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{20});
}

inline chat::v1::ChatRequest say(const std::string& message) {
  chat::v1::ChatRequest request;
  request.set_message(message);
  return request;
}

/// A Chat stream of a client that blocks.
class ChatClient {
 public:
  ChatClient(chat::v1::ChatRoom::Stub& stub, const Metadata& metadata) {
    prepare(context_, metadata);
    stream_ = stub.Chat(&context_);
  }
  ~ChatClient() { end(); }

  bool send(const chat::v1::ChatRequest& request) { return stream_->Write(request); }
  bool send(const std::string& message) { return send(say(message)); }
  bool half_close() { return stream_->WritesDone(); }
  std::optional<ChatResponse> next() {
    ChatResponse response;
    if (!stream_->Read(&response)) return std::nullopt;
    return response;
  }
  std::string next_kind() {
    const auto response = next();
    return response ? response->kind() : "nothing";
  }

  /// Resets the stream, if it has not ended, and gives its status.
  ::grpc::Status end() {
    if (!status_) {
      context_.TryCancel();
      while (next()) continue;
      status_ = stream_->Finish();
    }
    return *status_;
  }
  /// The status of a stream that the server ends.
  ::grpc::Status wait_end() {
    while (next()) continue;
    if (!status_) status_ = stream_->Finish();
    return *status_;
  }
  std::string trailer(const std::string& name) const {
    const auto& all = context_.GetServerTrailingMetadata();
    const auto found = all.find(name);
    return found == all.end() ? "" : std::string{found->second.data(), found->second.size()};
  }

 private:
  ::grpc::ClientContext context_;
  std::unique_ptr<::grpc::ClientReaderWriter<chat::v1::ChatRequest, ChatResponse>> stream_;
  std::optional<::grpc::Status> status_;
};

/// A connection of its own.
inline std::shared_ptr<::grpc::Channel> connect_to(const GrpcServer& server) {
  ::grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return ::grpc::CreateCustomChannel(server.bound_address(), ::grpc::InsecureChannelCredentials(), arguments);
}

class GrpcServerTest : public testing::Test {
 protected:
  std::shared_ptr<::grpc::Channel> connect() { return connect_to(server); }
  static std::unique_ptr<chat::v1::ChatRoom::Stub> stub_on(const std::shared_ptr<::grpc::Channel>& channel) {
    return chat::v1::ChatRoom::NewStub(channel);
  }

  tests::ChatWorld world;
  net::IoThreads io_threads{2};
  GrpcServer server{{}, io_threads, world.endpoint, world.logger};
  std::unique_ptr<chat::v1::ChatRoom::Stub> stub = stub_on(connect());
};

}  // namespace danwa::grpc
