#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/graphql/http_endpoint.hpp"
#include "adapters/graphql/ws_event.hpp"
#include "adapters/http/message.hpp"
#include "adapters/protocol/graphql/error.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/result.hpp"
#include "usecase/delivery/update_feed.hpp"

namespace danwa::adapters::graphql {

/// A message of a client, of either dialect.
struct WsMessage {
  std::string type;
  std::string id;          ///< empty: none
  nlohmann::json payload;  ///< an object, or null
};

/// Reads `{type, id?, payload?}`. The failure is a sentence for people.
tl::expected<WsMessage, std::string> read_message(std::string_view text);

/// `{"type": ...}`, with the id and the payload (JSON text) unless they are empty.
std::string write_message(std::string_view type, std::string_view id = {}, std::string_view payload = {});

/// The two protocols of GraphQL over a WebSocket.
enum class Dialect {
  transport,  ///< subprotocol `graphql-transport-ws` (npm graphql-ws)
  legacy,     ///< subprotocol `graphql-ws` (npm subscriptions-transport-ws)
};

std::string_view subprotocol_of(Dialect dialect);

/// The first known subprotocol among those that the client offers.
std::optional<Dialect> choose_dialect(const http::Request& request);

/// Close codes of `graphql-transport-ws`, and two for legacy clients.
struct WsCode {
  static constexpr std::uint16_t kNormal = 1000;
  static constexpr std::uint16_t kLegacyRefused = 1011;
  static constexpr std::uint16_t kBadRequest = 4400;
  static constexpr std::uint16_t kUnauthorized = 4401;  ///< an operation before the acknowledgement
  static constexpr std::uint16_t kForbidden = 4403;     ///< the credential of `connection_init`, or its end
  static constexpr std::uint16_t kNoSubprotocol = 4406;
  static constexpr std::uint16_t kInitTimeout = 4408;
  static constexpr std::uint16_t kSubscriberExists = 4409;
  static constexpr std::uint16_t kTooManyInits = 4429;
  static constexpr std::uint16_t kInternal = 4500;
};

struct WsSend {
  std::string text;
};
struct WsClose {
  std::uint16_t code;
  std::string reason;
};
/// Verify the token, then call `accept` or `reject`. The token and the position come from `connection_init`, if it has
/// them.
struct WsAuthenticate {
  std::optional<std::string> token;
  std::optional<domain::Position> position{};
};
struct WsStart {
  std::string id;
  Params params;
};
struct WsStop {
  std::string id;
};
using WsAction = std::variant<WsSend, WsClose, WsAuthenticate, WsStart, WsStop>;
using WsActions = std::vector<WsAction>;

/// The protocol with one client, in either dialect, as a state machine: events in, actions out. No thread, no clock, no
/// socket. After a `WsClose` it returns no more actions.
class WsProtocol {
 public:
  static constexpr std::size_t kMaxOperations = 32;  ///< running at once; the next one is answered by an error

  /// `dialect` absent: the client offered no known one.
  explicit WsProtocol(std::optional<Dialect> dialect);

  WsActions open();                          ///< the connection is open: closes with 4406 without a dialect
  WsActions receive(std::string_view text);  ///< a text message of the client
  WsActions accept();                        ///< the token is valid
  WsActions reject(const domain::Errors& errors);
  WsActions init_overdue();  ///< the time for `connection_init` is over

  bool awaits_init() const { return state_ == State::opened; }
  bool runs(const std::string& id) const { return running_.contains(id); }

  /// An answer or event (JSON text) of the running operation `id`.
  std::string next(std::string_view id, std::string_view payload) const;
  /// The operation is over.
  std::string complete(const std::string& id);
  std::string fail(const std::string& id, const GraphqlErrors& errors);

  /// The message that legacy clients expect at every heartbeat.
  std::optional<std::string> keep_alive() const;

  /// The close code for the end of a credential. `graphql-transport-ws` clients treat 4401 as final. After 4403 they
  /// connect again, with fresh `connectionParams`.
  static constexpr std::uint16_t kExpired = WsCode::kForbidden;

 private:
  enum class State { opened, deciding, acknowledged, closed };

  WsActions on_transport(WsMessage message);
  WsActions on_legacy(WsMessage message);
  WsActions on_init(const WsMessage& message);
  WsActions on_subscribe(WsMessage message);
  WsActions on_start(WsMessage message);
  WsActions start(std::string id, Params params);
  WsActions stop(const std::string& id);
  WsActions close(std::uint16_t code, std::string reason);
  static WsActions complain(std::string_view type, std::string_view id, std::string_view message);

  bool is_legacy() const { return dialect_ == Dialect::legacy; }

  std::optional<Dialect> dialect_;
  State state_ = State::opened;
  std::set<std::string, std::less<>> running_;
};

class WsConnection;

/// One operation of a WebSocket; a subscription is one watch of the feed. Runs on: the io thread of the connection,
/// except for `deliver` and `end`, which hand over to it.
class WsOperation final : public delivery::Watcher, public std::enable_shared_from_this<WsOperation> {
 public:
  WsOperation(std::string id, Prepared prepared) : id_{std::move(id)}, prepared_{std::move(prepared)} {}

  const std::string& id() const { return id_; }
  bool is_subscription() const { return prepared_.type() == OperationType::subscription; }
  const Prepared& prepared() const { return prepared_; }

  /// Reads the subscription. Called once, before `subscription` and `watch`.
  Outcome<void> read_subscription();
  const Subscription& subscription() const { return *subscription_; }

  /// `owner` receives the batches and the end of the watch, on the io thread.
  void watch(Endpoint& endpoint, usecase::Watch watch, std::weak_ptr<WsConnection> owner,
             std::weak_ptr<http::MessageLink> link);

  void deliver(delivery::FrameBatch frames) override;
  void end(delivery::WatchCloseReason reason) override;

  /// Whether frames of the present batch wait.
  bool waits() const { return next_ < batch_.size(); }

  /// The answer to the first frame that waits, as it is now: a comment that was removed meanwhile has lost its text.
  /// Null: this subscription has no answer for the frame. Failure: the subscription is over.
  Outcome<std::shared_ptr<const std::string>> first_answer() {
    return writer_->write(delivery::Frame::current(batch_[next_]));
  }

  void drop_first() { ++next_; }  ///< its answer is on its way

  void ready();  ///< the answers were written: the next batch may come

  /// Ends the watch. Nothing is passed on afterwards.
  void stop();
  bool stopped() const { return stopped_; }

 private:
  const std::string id_;
  const Prepared prepared_;
  std::optional<Subscription> subscription_;
  std::optional<EventWriter> writer_;
  std::weak_ptr<WsConnection> owner_;  // these two are set before the watch starts
  std::weak_ptr<http::MessageLink> link_;
  std::unique_ptr<delivery::Subscription> held_;
  delivery::FrameBatch batch_;  // at most one
  std::size_t next_ = 0;        // the first frame of it that waits
  bool stopped_ = false;
};

/// The lease of an upgrade request's sender, or the errors of its token; nullopt: it had no credentials.
using UpgradeLease = std::optional<domain::Result<usecase::LeasePtr>>;

/// GraphQL on one WebSocket: carries out the actions of the protocol. Runs on: the io thread of the connection.
///
/// Bounded: at most 32 operations. Queries, mutations and the starts of subscriptions run one after another. Each
/// subscription holds at most one batch of 16 frames. One frame at a time becomes bytes, when the socket takes it, so a
/// client that stalled never receives a text that was removed meanwhile.
class WsConnection final : public http::MessagePeer, public std::enable_shared_from_this<WsConnection> {
 public:
  static constexpr std::chrono::seconds kInitTime{10};

  /// `upgrade` counts only if `connection_init` has no token.
  WsConnection(std::shared_ptr<Endpoint> endpoint, std::optional<Dialect> dialect, UpgradeLease upgrade)
      : endpoint_{std::move(endpoint)}, protocol_{dialect}, upgrade_{std::move(upgrade)} {}

  void on_open(const std::shared_ptr<http::MessageLink>& link) override;
  void on_message(std::string_view text) override;
  void on_drained() override;
  bool has_message() const override { return !waiting_.empty(); }
  std::shared_ptr<const std::string> next_message() override;
  void on_message_begun() override;
  void on_alarm() override;
  void on_heartbeat() override;
  void on_end() override;

  void on_batch(const std::shared_ptr<WsOperation>& operation);
  void on_watch_end(const std::shared_ptr<WsOperation>& operation, delivery::WatchCloseReason reason);

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

  std::shared_ptr<Endpoint> endpoint_;
  WsProtocol protocol_;
  const UpgradeLease upgrade_;
  usecase::LeasePtr lease_;            // from connection_init on
  domain::SeenPosition seen_;          ///< by this connection; every operation shows at least this
  http::MessageLink* link_ = nullptr;  // until on_end
  std::weak_ptr<http::MessageLink> shared_link_;

  std::map<std::string, OperationPtr, std::less<>> operations_;
  std::deque<OperationPtr> queue_;         // to be run
  bool running_ = false;                   // one of them
  std::deque<OperationPtr> waiting_;       // subscriptions with a batch; a part of the first one may be written
  std::vector<OperationPtr> begun_;        // their batch is written, except for the rest of its last frame
  std::shared_ptr<usecase::Visit> visit_;  // of the query that runs, or until the socket has taken its answer
};

}  // namespace danwa::adapters::graphql
