#include "infra/grpc/chat_service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <string>
#include <utility>
#include <vector>

// From gRPC's callback API to coroutines. gRPC calls a method on one of its threads and expects a reactor at once.
// Unary calls run as a coroutine on an io thread, and the end of the coroutine finishes the reactor. A stream is a
// WritingReactor over a ChatStream. gRPC keeps the request's and the answer's buffers until the call is finished, so
// tasks may refer to them. Everything that a call leaves on its io thread holds a ContextUser, so it may run after the
// server is gone, and a server that ends waits for it.

namespace danwa::grpc {

adapters::rpc::CallMetadata metadata_of(const ::grpc::CallbackServerContext& context) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto& [name, value] : context.client_metadata()) {
    entries.emplace_back(std::string{name.data(), name.size()}, std::string{value.data(), value.size()});
  }
  return adapters::rpc::CallMetadata{std::move(entries)};
}

::grpc::Status to_status(const adapters::rpc::CallCloseReason& end, ::grpc::CallbackServerContext& context) {
  if (end.retry_after) context.AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(end.retry_after->count()));
  return {static_cast<::grpc::StatusCode>(end.status), end.message(), encode_details(end)};
}

void ChatReactor::OnReadDone(bool ok) {
  if (!ok) return stream().on_last_request();
  auto wanted = decode_chat(request_);
  request_.Clear();
  stream().on_request(std::move(wanted));
}

namespace {

namespace rpc = adapters::rpc;
using ::grpc::ByteBuffer;
using usecase::Async;
using Ended = std::optional<rpc::CallCloseReason>;

Async<Ended> run_send(const rpc::ChatEndpoint& endpoint, rpc::CallMetadata metadata,
                      std::optional<rpc::CommentRequest> wanted, ByteBuffer& answer) {
  if (!wanted) co_return rpc::to_end(rpc::request_unreadable());
  auto lease = endpoint.lease(metadata);
  if (!lease) co_return rpc::to_end(std::move(lease).error());
  auto sent = co_await endpoint.send(metadata.complete(std::move(*wanted)), (*lease)->who());
  if (!sent) co_return rpc::to_end(std::move(sent).error());
  answer = encode_sent(*sent);
  co_return std::nullopt;
}

Async<Ended> run_read(const rpc::ChatEndpoint& endpoint, rpc::CallMetadata metadata,
                      std::optional<rpc::PageRequest> wanted, ByteBuffer& answer,
                      std::shared_ptr<usecase::Visit> visit) {
  if (!wanted) co_return rpc::to_end(rpc::request_unreadable());
  auto lease = endpoint.lease(metadata);
  if (!lease) co_return rpc::to_end(std::move(lease).error());
  auto page = co_await endpoint.read(metadata.complete(std::move(*wanted)), (*lease)->who(), visit);
  if (!page) co_return rpc::to_end(std::move(page).error());
  if (const auto why = (*lease)->ended()) co_return rpc::to_end(*why);
  answer = encode_page(*page);
  visit->hold(answer.Length());
  co_return std::nullopt;
}

/// A call that reads. Its client may cancel while the read waits. The Visit counts the answer's bytes until gRPC has
/// written them. Deletes itself after `OnDone`.
class ReadReactor final : public ::grpc::ServerUnaryReactor {
 public:
  ReadReactor(std::shared_ptr<StreamContext> context, net::IoThread& io_thread)
      : context_{std::move(context)}, io_thread_{io_thread} {}

  const std::shared_ptr<usecase::Visit>& visit() const { return visit_; }
  void OnCancel() override {
    io_thread_.post([context = context_, visit = visit_] { visit->leave(); });
  }
  void OnDone() override { delete this; }

 private:
  const ContextUser context_;
  net::IoThread& io_thread_;
  const std::shared_ptr<usecase::Visit> visit_ = std::make_shared<usecase::Visit>();
};

/// Refuses a call without reading it.
class Refusal final : public ::grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(::grpc::Status status) { Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace

/// Runs `task` on `io_thread`. Its end finishes the call.
template <class Task>
::grpc::ServerUnaryReactor* ChatCalls::answer(Context& call, ::grpc::ServerUnaryReactor* reactor,
                                              net::IoThread& io_thread, Task task) {
  context_->endpoint.figures().calls.add();
  auto on_end = [context = ContextUser{context_}, reactor, &call](const std::exception_ptr& failure, Ended end) {
    if (failure) {
      context->log.error("grpc.task_failed", {{"err", text_of(failure)}});
      end = rpc::defect();
    }
    reactor->Finish(end ? to_status(*end, call) : ::grpc::Status::OK);
  };
  boost::asio::co_spawn(io_thread.context(), std::move(task), std::move(on_end));
  return reactor;
}

::grpc::ServerUnaryReactor* ChatCalls::send(Context& call, const Bytes& request, Bytes& answer) {
  auto task = run_send(context_->endpoint, metadata_of(call), decode_comment(request), answer);
  return this->answer(call, call.DefaultReactor(), io_threads_.next(), std::move(task));
}

::grpc::ServerUnaryReactor* ChatCalls::read(Context& call, const Bytes& request, Bytes& answer) {
  auto& io_thread = io_threads_.next();
  auto* reactor = new ReadReactor{context_, io_thread};
  auto task = run_read(context_->endpoint, metadata_of(call), decode_page(request), answer, reactor->visit());
  return this->answer(call, reactor, io_thread, std::move(task));
}

::grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* ChatCalls::chat(Context& call, bool spoken_only) {
  context_->endpoint.figures().calls.add();
  auto stream = std::make_shared<ChatStream>(context_, io_threads_.next(), spoken_only);
  auto* reactor = new ChatReactor(call, stream);
  stream->start(*reactor, metadata_of(call), rpc::WatchRequest{}, true);
  return reactor;
}

::grpc::ServerWriteReactor<ByteBuffer>* ChatCalls::watch(Context& call, const Bytes& request) {
  context_->endpoint.figures().calls.add();
  auto stream = std::make_shared<ChatStream>(context_, io_threads_.next(), false);
  auto* reactor = new WatchReactor(call, stream);
  stream->start(*reactor, metadata_of(call), decode_watch(request), false);
  return reactor;
}

::grpc::ServerGenericBidiReactor* LegacyServiceNames::CreateReactor(::grpc::GenericCallbackServerContext* call) {
  if (call->method() == "/hello.ChatRoom/Chat" || call->method() == "/ChatRoom/Chat") return calls_.chat(*call, true);
  return new Refusal{to_status(rpc::unknown_method(), *call)};
}

}  // namespace danwa::grpc
