#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/graphql/door.hpp"
#include "adapters/graphql/ws_operation.hpp"
#include "adapters/graphql/ws_protocol.hpp"
#include "adapters/http/message_peer.hpp"

namespace danwa::adapters::graphql {

/// GraphQL on one WebSocket: carries out what the protocol decides. Runs on: the connection's io thread.
///
/// Bounded: at most 32 operations; queries, mutations and the starts of subscriptions run one after another;
/// each subscription has at most one batch of 16 frames here, and one frame at a time becomes bytes, when the socket
/// takes it. So what a stalled client gets later is what may be told then.
/// What an upgrade request proves of its sender; nothing: it held no credentials.
using UpgradeLease = std::optional<domain::Result<usecase::LeasePtr>>;

class WsConnection final : public http::MessagePeer,
                           public WsOperation::Owner,
                           public std::enable_shared_from_this<WsConnection> {
 public:
  static constexpr std::chrono::seconds kInitTime{10};

  /// `upgrade`: the lease of who sent the upgrade request, if it held a token; its errors count when
  /// `connection_init` holds none either.
  WsConnection(std::shared_ptr<Door> door, std::optional<Dialect> dialect, UpgradeLease upgrade)
      : door_{std::move(door)}, protocol_{dialect}, upgrade_{std::move(upgrade)} {}

  void on_open(const std::shared_ptr<http::MessageLink>& link) override;
  void on_message(std::string_view text) override;
  void on_drained() override;
  bool has_message() const override { return !waiting_.empty(); }
  std::shared_ptr<const std::string> next_message() override;
  void on_message_begun() override;
  void on_alarm() override;
  void on_heartbeat() override;
  void on_end() override;

  void on_batch(const std::shared_ptr<WsOperation>& operation) override;
  void on_watch_end(const std::shared_ptr<WsOperation>& operation, WatchEnd reason) override;

 private:
  using OperationPtr = std::shared_ptr<WsOperation>;

  void perform(WsActions actions);
  void act(WsSend& action);
  void act(WsClose& action);
  void act(WsAuthenticate& action);
  void act(WsStart& action);
  void act(WsStop& action);

  domain::Result<usecase::LeasePtr> lease_of(const std::optional<std::string>& token) const;
  static usecase::Async<void> run(std::shared_ptr<WsConnection> self, OperationPtr operation);
  static usecase::Async<void> execute(std::shared_ptr<WsConnection> self, OperationPtr operation);
  static usecase::Async<void> subscribe(std::shared_ptr<WsConnection> self, OperationPtr operation);

  void pump();
  void drop_first();
  void fail(const OperationPtr& operation, const GraphqlErrors& errors);
  void forget(const OperationPtr& operation);
  bool is_gone(const OperationPtr& operation) const { return link_ == nullptr || operation->stopped(); }

  std::shared_ptr<Door> door_;
  WsProtocol protocol_;
  const UpgradeLease upgrade_;
  usecase::LeasePtr lease_;            // from connection_init on
  domain::SeenPosition seen_;          ///< by this connection; what it starts shows it
  http::MessageLink* link_ = nullptr;  // until on_end
  std::weak_ptr<http::MessageLink> shared_link_;

  std::map<std::string, OperationPtr, std::less<>> operations_;
  std::deque<OperationPtr> queue_;         // to be run
  bool running_ = false;                   // one of them
  std::deque<OperationPtr> waiting_;       // subscriptions with a batch, of the first a part may be written
  std::vector<OperationPtr> begun_;        // whose batch is on the wire, but for the rest of its last frame
  std::shared_ptr<usecase::Visit> visit_;  // of the query that runs, or whose answer the socket has not taken yet
};

}  // namespace danwa::adapters::graphql
