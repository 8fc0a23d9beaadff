#include "infra/grpc_client/chat_channel.hpp"

#include <grpcpp/create_channel.h>

#include <utility>

#include "adapters/grpc/chat.grpc.pb.h"

namespace danwa::infra {
namespace {

namespace proto = ::chat::v1;

/// Shorter than the idle limit of proxies, which is often 50 or 60 s.
constexpr std::chrono::seconds kHeartbeat{20};

ChatMessage to_message(const proto::ChatResponse& response) {
  ChatMessage out{response.kind(),       response.message(),
                  response.author(),     response.conversation_key(),
                  response.sent_at(),    response.cursor(),
                  response.client_ref(), response.node(),
                  response.seq(),        {}};
  for (const auto& error : response.errors()) out.errors.push_back(error.code() + ": " + error.message());
  return out;
}

bool is_worth_trying(::grpc::StatusCode code) {
  switch (code) {
    case ::grpc::StatusCode::INVALID_ARGUMENT:
    case ::grpc::StatusCode::NOT_FOUND:
    case ::grpc::StatusCode::PERMISSION_DENIED:
    case ::grpc::StatusCode::UNAUTHENTICATED:
    case ::grpc::StatusCode::UNIMPLEMENTED:
      return false;
    default:
      return true;
  }
}

}  // namespace

struct ChatChannel::Impl {
  explicit Impl(const Wish& wish)
      : stub{proto::ChatRoom::NewStub(::grpc::CreateChannel(wish.address, ::grpc::InsecureChannelCredentials()))} {
    if (!wish.token.empty()) context.AddMetadata("authorization", "Bearer " + wish.token);
    if (!wish.conversation.empty()) context.AddMetadata("conversation-key-bin", wish.conversation);
    if (!wish.after.empty()) context.AddMetadata("after", wish.after);
    context.AddMetadata("danwa-heartbeat", std::to_string(kHeartbeat.count()));
    stream = stub->Chat(&context);
  }

  std::unique_ptr<proto::ChatRoom::Stub> stub;
  ::grpc::ClientContext context;
  std::unique_ptr<::grpc::ClientReaderWriter<proto::ChatRequest, proto::ChatResponse>> stream;
  bool ended = false;
};

ChatChannel::ChatChannel(const Wish& wish) : impl_{std::make_unique<Impl>(wish)} {}

ChatChannel::~ChatChannel() {
  cancel();
  if (!impl_->ended) end();
}

bool ChatChannel::send(const std::string& text, const std::string& ref) {
  proto::ChatRequest request;
  request.set_message(text);
  request.set_client_ref(ref);
  request.set_idempotency_key(ref);
  return impl_->stream->Write(request);
}

std::optional<ChatMessage> ChatChannel::next() {
  proto::ChatResponse response;
  if (!impl_->stream->Read(&response)) return std::nullopt;
  return to_message(response);
}

ChatChannel::End ChatChannel::end() {
  proto::ChatResponse rest;
  while (impl_->stream->Read(&rest)) continue;
  impl_->ended = true;
  const auto status = impl_->stream->Finish();
  return {static_cast<int>(status.error_code()), status.error_message(), is_worth_trying(status.error_code())};
}

void ChatChannel::cancel() { impl_->context.TryCancel(); }

}  // namespace danwa::infra
