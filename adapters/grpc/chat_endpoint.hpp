#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/grpc/call_metadata.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/account/credential.hpp"
#include "domain/channel/cursor.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/use_cases.hpp"

namespace danwa::adapters::rpc {

/// One event of a stream, with the fields of chat.proto's ChatResponse. A field without meaning for its kind is empty.
struct ChatEvent {
  std::string kind;
  std::string message;
  std::string conversation_key;
  std::string author;
  std::string by;
  domain::Seq seq = 0;
  std::string epoch;
  std::string sent_at;
  std::string cursor;
  std::string comment_id;
  std::string client_ref;
  bool redacted = false;
  bool redacts = false;
  std::string user;
  std::string title;
  std::string visibility;
  domain::Seq from_seq = 0;
  std::vector<std::string> users;
  std::uint64_t user_count = 0;
  std::string node;

  /// Whether the event is for the simplest client, which reads only `message`.
  bool is_spoken() const { return kind == "comment-added" && !redacted; }
};

/// The event for a frame, in a log with the epoch of `position`. Moves `position` behind the frame.
ChatEvent to_event(const delivery::FrameContent& content, domain::Cursor& position);

/// The part that all calls of gRPC share: from requests to use cases. Thread safe.
class ChatEndpoint {
 public:
  struct Needs {
    const usecase::UseCases& use;
    const usecase::TokenVerifier& tokens;
    delivery::UpdateFeed& feed;
    Metrics& metrics;
    GrpcFigures& figures;
    std::string guest;  ///< the token of callers who send none; empty: they are anonymous
  };
  explicit ChatEndpoint(Needs needs) : needs_{std::move(needs)} {}

  /// Errors: those of TokenVerifier; `development-behind-proxy` (forbidden).
  domain::Result<usecase::LeasePtr> lease(const CallMetadata& metadata) const;

  /// The longest time that a stream may stay silent; nullopt: any time.
  using Heartbeat = std::optional<std::chrono::seconds>;
  /// Errors: `heartbeat-invalid` (malformed): it is not 1 to 3,600 seconds.
  static domain::Result<Heartbeat> heartbeat(const WatchRequest& request);

  /// Errors: `after-invalid`, `delivery-invalid`, `heartbeat-invalid` (malformed), gathered; those of
  /// WatchConversation.
  usecase::Async<domain::Result<usecase::Watch>> watch(WatchRequest request, domain::Credential who) const;
  std::unique_ptr<delivery::Subscription> start(usecase::Watch watch, std::weak_ptr<delivery::Watcher> watcher) const {
    return needs_.feed.watch(std::move(watch), std::move(watcher));
  }

  /// Errors: those of SendComment.
  usecase::Async<domain::Result<usecase::SendComment::Output>> send(CommentRequest request,
                                                                    domain::Credential who) const;

  struct PageRead {
    usecase::ReadUpdates::Output output;
    domain::Seq after = 0;  ///< the page starts behind it
  };
  /// Waits for the caller's turn. Errors: `after-invalid` (malformed); those of ReadTurns and ReadUpdates.
  usecase::Async<domain::Result<PageRead>> read(PageRequest request, domain::Credential who,
                                                std::shared_ptr<usecase::Visit> visit) const;

  GrpcFigures& figures() const { return needs_.figures; }

 private:
  Needs needs_;
};

}  // namespace danwa::adapters::rpc
