#include "infra/grpc_client/chat_client.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/client_callback.h>
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "adapters/grpc/chat.grpc.pb.h"

// The gRPC clients of the tools. ChatChannel is one stream for a caller that blocks. It asks the server for heartbeats,
// so that a proxy does not end a silent stream. `run_chat_load` puts load on the endpoint and checks that each watcher
// receives 1, 2, 3 ... of its conversation.

namespace danwa::grpc_client {
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
  explicit Impl(const Request& wanted)
      : stub{proto::ChatRoom::NewStub(::grpc::CreateChannel(wanted.address, ::grpc::InsecureChannelCredentials()))} {
    if (!wanted.token.empty()) context.AddMetadata("authorization", "Bearer " + wanted.token);
    if (!wanted.conversation.empty()) context.AddMetadata("conversation-key-bin", wanted.conversation);
    if (!wanted.after.empty()) context.AddMetadata("after", wanted.after);
    context.AddMetadata("danwa-heartbeat", std::to_string(kHeartbeat.count()));
    stream = stub->Chat(&context);
  }

  std::unique_ptr<proto::ChatRoom::Stub> stub;
  ::grpc::ClientContext context;
  std::unique_ptr<::grpc::ClientReaderWriter<proto::ChatRequest, proto::ChatResponse>> stream;
  bool ended = false;
};

ChatChannel::ChatChannel(const Request& wanted) : impl_{std::make_unique<Impl>(wanted)} {}

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

// The load. Posters are threads with blocking calls, one after another; watchers use gRPC's callback API, so thousands
// of them cost no thread. Each connection carries at most 90 streams, because the server allows 100. A watcher begins
// at the start of its conversation and counts an update that is not the next one. At the end the load waits until every
// watcher has reached the highest acknowledged seq. The updates that are missing then count as lost.

namespace {

using Clock = std::chrono::steady_clock;
using Stub = proto::ChatRoom::Stub;

constexpr std::size_t kStreamsPerConnection = 90;  // below the server's 100
constexpr std::chrono::seconds kConnectLimit{20};

/// Counters shared by all watchers. Thread safe.
struct Tally {
  std::atomic<std::uint64_t> deliveries{0};
  std::atomic<std::uint64_t> disorder{0};
  std::atomic<std::size_t> watching{0};
  std::atomic<std::size_t> open{0};
};

/// One stream that watches its conversation from the start. Runs on: gRPC's threads; any thread may read `seen`.
class LoadWatcher final : public ::grpc::ClientReadReactor<proto::ChatResponse> {
 public:
  LoadWatcher(Stub& stub, Tally& tally, std::size_t conversation, const std::string& key, const std::string& token)
      : tally_{tally}, conversation_{conversation} {
    if (!token.empty()) context_.AddMetadata("authorization", "Bearer " + token);
    request_.set_conversation_key(key);
    request_.set_after("0");
    ++tally_.open;
    stub.async()->WatchUpdates(&context_, &request_, this);
    StartRead(&told_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (told_.kind() == "watching") ++tally_.watching;
    if (told_.kind() == "comment-added") {
      ++tally_.deliveries;
      if (told_.seq() != seen_ + 1) ++tally_.disorder;
      seen_ = told_.seq();
    }
    StartRead(&told_);
  }
  void OnDone(const ::grpc::Status& /*status*/) override { --tally_.open; }

  void stop() { context_.TryCancel(); }
  std::size_t conversation() const { return conversation_; }
  std::uint64_t seen() const { return seen_; }

 private:
  Tally& tally_;
  const std::size_t conversation_;
  ::grpc::ClientContext context_;
  proto::WatchUpdatesRequest request_;
  proto::ChatResponse told_;
  std::atomic<std::uint64_t> seen_{0};
};

std::shared_ptr<::grpc::Channel> connect_to(const std::string& address) {
  ::grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return ::grpc::CreateCustomChannel(address, ::grpc::InsecureChannelCredentials(), arguments);
}

template <class Condition>
bool wait_for(Condition condition, std::chrono::duration<double> limit) {
  const auto deadline = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

struct Load {
  explicit Load(const ChatLoadOptions& wanted) : options{wanted}, heads(options.conversations) {
    for (std::size_t i = 0; i < options.conversations; ++i) keys.push_back(options.prefix + std::to_string(i));
  }
  ~Load() {
    for (const auto& watcher : watchers) watcher->stop();
    wait_for([this] { return tally.open == 0; }, kConnectLimit);
  }

  void start_watchers() {
    for (std::size_t i = 0; i < options.watchers; ++i) {
      if (i % kStreamsPerConnection == 0) {
        const auto turn = i / kStreamsPerConnection;
        stubs.push_back(proto::ChatRoom::NewStub(connect_to(options.addresses[turn % options.addresses.size()])));
      }
      const auto conversation = i % options.conversations;
      const auto token = options.token_for("watcher-" + std::to_string(i));
      watchers.push_back(std::make_unique<LoadWatcher>(*stubs.back(), tally, conversation, keys[conversation], token));
    }
  }

  bool take_turn(Clock::time_point start) {
    const auto turn = issued++;
    if (options.posts > 0) return turn < options.posts;
    return std::chrono::duration<double>(Clock::now() - start).count() < options.seconds;
  }

  void post(std::size_t number, Clock::time_point start) {
    const auto stub = proto::ChatRoom::NewStub(connect_to(options.addresses[number % options.addresses.size()]));
    const auto token = options.token_for("poster-" + std::to_string(number));
    proto::SendCommentRequest request;
    request.set_message(std::string(options.text_size, 'x'));
    for (std::size_t i = number; take_turn(start); ++i) {
      const auto conversation = i % options.conversations;
      ::grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{10});
      if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
      request.set_conversation_key(keys[conversation]);
      proto::SendCommentResponse response;
      const auto status = stub->SendComment(&context, request, &response);
      note(conversation, status, response.seq());
    }
  }

  void note(std::size_t conversation, const ::grpc::Status& status, std::uint64_t seq) {
    const std::lock_guard lock{mutex};
    if (status.ok()) {
      ++result.acknowledged;
      heads[conversation] = std::max(heads[conversation], seq);
    } else if (++result.failures == 1) {
      result.first_failure = status.error_message();
    }
  }

  bool all_caught_up() const {
    return std::all_of(watchers.begin(), watchers.end(),
                       [this](const auto& watcher) { return watcher->seen() >= heads[watcher->conversation()]; });
  }

  void post_and_settle() {
    const auto start = Clock::now();
    std::vector<std::thread> posters;
    for (std::size_t i = 0; i < options.posters; ++i) {
      posters.emplace_back([this, i, start] { post(i, start); });
    }
    for (auto& poster : posters) poster.join();
    result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    wait_for([this] { return all_caught_up(); }, std::chrono::duration<double>{options.settle_seconds});
    for (const auto& watcher : watchers) {
      const auto head = heads[watcher->conversation()];
      result.lost += head - std::min(watcher->seen(), head);
    }
    result.deliveries = tally.deliveries;
    result.disorder = tally.disorder;
  }

  const ChatLoadOptions& options;
  std::vector<std::string> keys;
  Tally tally;
  std::vector<std::unique_ptr<Stub>> stubs;
  std::vector<std::unique_ptr<LoadWatcher>> watchers;
  std::atomic<std::uint64_t> issued{0};
  std::mutex mutex;  // guards the two below while posters run
  std::vector<std::uint64_t> heads;
  ChatLoadResult result;
};

}  // namespace

std::optional<ChatLoadResult> run_chat_load(const ChatLoadOptions& options, const std::function<void()>& on_watching) {
  Load load{options};
  load.start_watchers();
  if (!wait_for([&load] { return load.tally.watching == load.watchers.size(); }, kConnectLimit)) return std::nullopt;
  on_watching();
  load.post_and_settle();
  return load.result;
}

}  // namespace danwa::grpc_client
