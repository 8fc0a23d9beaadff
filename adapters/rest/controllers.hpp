#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "adapters/http/message.hpp"
#include "adapters/http/router.hpp"
#include "adapters/rest/query.hpp"
#include "adapters/rest/routes.hpp"
#include "domain/account/credential.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/notifications.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/watch.hpp"
#include "usecase/updates.hpp"

namespace danwa::adapters {

/// `/v1/comments` and `/v1/comments/{id}`. Thread safe.
class CommentsController {
 public:
  explicit CommentsController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> send(http::Request request) const;                    ///< POST
  usecase::Async<http::Reply> show(http::Request request, std::string id) const;    ///< GET
  usecase::Async<http::Reply> edit(http::Request request, std::string id) const;    ///< PATCH
  usecase::Async<http::Reply> remove(http::Request request, std::string id) const;  ///< DELETE

 private:
  domain::Result<usecase::SendComment::Input> read_send(const http::Request& request,
                                                        const domain::Credential& who) const;
  domain::Result<usecase::EditComment::Input> read_edit(const http::Request& request, std::string_view id) const;

  Needs needs_;
};

/// `/v1/conversations` and `/v1/conversations/{key}/comments`. Thread safe.
class ConversationsController {
 public:
  explicit ConversationsController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> list(http::Request request) const;  ///< GET: the conversations
  usecase::Async<http::Reply> history(http::Request request,
                                      std::string key) const;  ///< GET: comments of a conversation

 private:
  Needs needs_;
};

/// `/v1/conversations/{key}` and `/v1/conversations/{key}/members`. Thread safe.
class MembershipController {
 public:
  explicit MembershipController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> show(http::Request request, std::string key) const;                     ///< GET
  usecase::Async<http::Reply> configure(http::Request request, std::string key) const;                ///< PUT
  usecase::Async<http::Reply> members(http::Request request, std::string key) const;                  ///< GET members
  usecase::Async<http::Reply> join(http::Request request, std::string key, std::string user) const;   ///< PUT a member
  usecase::Async<http::Reply> leave(http::Request request, std::string key, std::string user) const;  ///< DELETE it

 private:
  Needs needs_;
};

/// `/v1/conversations/{key}/presence`. Thread safe.
class PresenceController {
 public:
  explicit PresenceController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> show(http::Request request, std::string key) const;  ///< GET

 private:
  Needs needs_;
};

/// `/v1/notifications`. Thread safe.
class NotificationsController {
 public:
  explicit NotificationsController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> send(http::Request request) const;  ///< POST

 private:
  Needs needs_;
};

/// Serves every file of `web::assets()` under its path, with its entity tag.
void add_assets(http::Router& router);

/// `/healthz`, `/readyz`, `/metrics`, `/v1/cluster`. Thread safe.
class NodeController {
 public:
  explicit NodeController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> health(http::Request request) const;     ///< 200 while requests are answered
  usecase::Async<http::Reply> readiness(http::Request request) const;  ///< 503 while draining or without storage
  usecase::Async<http::Reply> metrics(http::Request request) const;    ///< Prometheus text format 0.0.4
  usecase::Async<http::Reply> cluster(http::Request request) const;    ///< the nodes of the cluster and their addresses

 private:
  Needs needs_;
};

enum class LongPollResult {
  updates,          ///< the watched channel has an update after the start of the watch
  time_over,        ///< nothing came in time
  cancelled,        ///< the client has left or the node is draining
  feed_ended,       ///< the feed ended the watch
  forbidden,        ///< access was revoked
  credential_ended  ///< the lease of the waiting caller has ended
};

/// Suspends a long poll until the channel of `watch` has an update, for at most `time`. Reads nothing itself: the
/// caller reads the log again. Runs on: the connection's executor. `lease` and `cancellation` may be null.
usecase::Async<LongPollResult> long_poll(delivery::UpdateFeed& feed, usecase::Watch watch,
                                         std::chrono::milliseconds time, usecase::LeasePtr lease,
                                         std::shared_ptr<http::CancellationToken> cancellation);

/// The log whose updates one request asks for, in any of the three forms. Created for that request and used by its
/// coroutine alone.
class UpdateSource {
 public:
  virtual ~UpdateSource() = default;

  /// Reads from the query the place to start after, the same for every form, and the caller's position token.
  virtual void read_place(Query& query) = 0;

  /// The watch of a live form. Errors: the use case's.
  virtual usecase::Async<domain::Result<usecase::Watch>> watch(domain::Credential who, usecase::Delivery delivery) = 0;

  struct Page {
    std::string json;
    bool empty = false;  ///< a long poll continues to wait
    std::optional<domain::Position> position{};
  };
  /// Reads a page of the log after the place. After an announcement it is read from the master, because a replica may
  /// not have the update yet. Errors: the use case's.
  virtual usecase::Async<domain::Result<Page>> page(domain::Credential who, std::size_t limit,
                                                    usecase::ReadFrom from) = 0;

  /// The watch that wakes a long poll after an empty page. It does not count as presence. Errors: the use case's.
  virtual usecase::Async<domain::Result<usecase::Watch>> watch_for_updates(domain::Credential who) = 0;
};

/// The log of one conversation, as the source of updates of one request.
class ConversationUpdates final : public UpdateSource {
 public:
  ConversationUpdates(const usecase::ReadUpdates& read, const usecase::WatchConversation& watch, std::string key)
      : read_{read}, watch_{watch}, key_{std::move(key)} {}

  void read_place(Query& query) override;
  usecase::Async<domain::Result<usecase::Watch>> watch(domain::Credential who, usecase::Delivery delivery) override;
  usecase::Async<domain::Result<Page>> page(domain::Credential who, std::size_t limit, usecase::ReadFrom from) override;
  usecase::Async<domain::Result<usecase::Watch>> watch_for_updates(domain::Credential who) override;

 private:
  const usecase::ReadUpdates& read_;
  const usecase::WatchConversation& watch_;
  const std::string key_;
  std::optional<domain::Cursor> after_;
  std::optional<domain::Position> seen_;
  std::optional<domain::Epoch> epoch_;  // of the last page
};

/// The inboxes of the caller, as one log with a merged cursor: the source of updates of one request.
class NotificationUpdates final : public UpdateSource {
 public:
  NotificationUpdates(const usecase::ReadNotifications& read, const usecase::WatchNotifications& watch)
      : read_{read}, watch_{watch} {}

  void read_place(Query& query) override;
  usecase::Async<domain::Result<usecase::Watch>> watch(domain::Credential who, usecase::Delivery delivery) override;
  usecase::Async<domain::Result<Page>> page(domain::Credential who, std::size_t limit, usecase::ReadFrom from) override;
  usecase::Async<domain::Result<usecase::Watch>> watch_for_updates(domain::Credential who) override;

 private:
  const usecase::ReadNotifications& read_;
  const usecase::WatchNotifications& watch_;
  std::optional<domain::MergedCursor> after_;
  std::optional<domain::Position> seen_;
  std::optional<domain::MergedCursor> next_;  // after the last page
};

/// The updates of a log, `/v1/conversations/{key}/updates` and `/v1/notifications/updates`: one resource in three
/// forms. An upgrade request gets a WebSocket; others get an SSE stream or a JSON page, by `Accept`. Thread safe.
class UpdatesController {
 public:
  static constexpr std::chrono::seconds kMaxWait{60};  ///< maximum that a client may ask for; see `Needs::longest_poll`

  explicit UpdatesController(const Needs& needs) : needs_{needs} {}

  usecase::Async<http::Reply> conversation(http::Request request, std::string key) const;  ///< GET
  usecase::Async<http::Reply> notifications(http::Request request) const;                  ///< GET

 private:
  using Source = std::unique_ptr<UpdateSource>;
  usecase::Async<http::Reply> updates(http::Request request, Source source) const;
  usecase::Async<http::Reply> open(http::Request request, Source source, usecase::LeasePtr lease,
                                   http::StreamKind kind) const;
  usecase::Async<http::Reply> page(http::Request request, Source source, usecase::LeasePtr lease) const;

  Needs needs_;
};

}  // namespace danwa::adapters
