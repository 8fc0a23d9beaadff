#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/grpc/call_metadata.hpp"
#include "adapters/grpc/wishes.hpp"
#include "adapters/metrics/grpc_figures.hpp"
#include "domain/account/credential.hpp"
#include "usecase/ports/token_verifier.hpp"
#include "usecase/read_turns.hpp"
#include "usecase/read_updates.hpp"
#include "usecase/send_comment.hpp"
#include "usecase/watch_conversation.hpp"

namespace danwa::adapters::rpc {

/// What every call of the gRPC door shares: from plain requests to use cases. Thread safe.
class ChatDoor {
 public:
  struct Needs {
    const usecase::SendComment& send_comment;
    const usecase::WatchConversation& watch_conversation;
    const usecase::ReadUpdates& read_updates;
    const usecase::TokenVerifier& tokens;
    usecase::ReadTurns& turns;
    UpdateFeed& feed;
    Metrics& metrics;
    GrpcFigures& figures;
    std::string guest;  ///< the bearer string of callers who send none; empty: they are anonymous
  };
  explicit ChatDoor(Needs needs) : needs_{std::move(needs)} {}

  /// Errors: those of TokenVerifier; `development-behind-proxy` (forbidden).
  domain::Result<usecase::LeasePtr> lease(const CallMetadata& metadata) const;

  /// How often a stream says something at least; nothing: it need not.
  using Heartbeat = std::optional<std::chrono::seconds>;
  /// Errors: `heartbeat-invalid` (malformed): it is not 1 to 3,600 seconds.
  static domain::Result<Heartbeat> heartbeat(const WatchWish& wish);

  /// Errors: `after-invalid`, `delivery-invalid`, `heartbeat-invalid` (malformed), gathered; those of
  /// WatchConversation.
  usecase::Async<domain::Result<usecase::Watch>> watch(WatchWish wish, domain::Credential who) const;
  std::unique_ptr<Subscription> start(usecase::Watch watch, std::weak_ptr<Watcher> watcher) const {
    return needs_.feed.watch(std::move(watch), std::move(watcher));
  }

  /// Errors: those of SendComment.
  usecase::Async<domain::Result<usecase::SendComment::Output>> send(CommentWish wish, domain::Credential who) const;

  struct PageRead {
    usecase::ReadUpdates::Output output;
    domain::Seq after = 0;  ///< where it starts
  };
  /// In the caller's turn. Errors: `after-invalid` (malformed); those of ReadTurns and ReadUpdates.
  usecase::Async<domain::Result<PageRead>> read(PageWish wish, domain::Credential who,
                                                std::shared_ptr<usecase::Visit> visit) const;

  GrpcFigures& figures() const { return needs_.figures; }

 private:
  Needs needs_;
};

}  // namespace danwa::adapters::rpc
