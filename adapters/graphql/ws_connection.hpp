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
  std::string id;          ///< empty without one
  nlohmann::json payload;  ///< an object, or null
};

/// Reads `{type, id?, payload?}`. The failure says what is wrong, for people.
tl::expected<WsMessage, std::string> read_message(std::string_view text);

/// `{"type": ...}` with an id and a payload (JSON text) where they are not empty.
std::string write_message(std::string_view type, std::string_view id = {}, std::string_view payload = {});

/// The two languages of GraphQL over a WebSocket.
enum class Dialect {
  transport,  ///< subprotocol `graphql-transport-ws` (npm graphql-ws)
  legacy,     ///< subprotocol `graphql-ws` (npm subscriptions-transport-ws)
};

std::string_view subprotocol_of(Dialect dialect);

/// The first subprotocol the client offers that is known here.
std::optional<Dialect> choose_dialect(const http::Request& request);

/// Close codes of `graphql-transport-ws`, and what legacy clients know instead.
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
/// Answer with `accept` or `reject`. The token of `connection_init` and the position that its sender has seen, if
/// it held them.
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

/// The conversation with one client, either dialect: events in, what is to be done out. Plain, no thread, no
/// clock, no socket. After a `WsClose` it answers nothing more.
class WsProtocol {
 public:
  static constexpr std::size_t kMaxOperations = 32;  ///< running at once; the next one is answered by an error

  /// Without a dialect: the client offered none that is known.
  explicit WsProtocol(std::optional<Dialect> dialect);

  WsActions open();                          ///< the connection is there: 4406 without a dialect
  WsActions receive(std::string_view text);  ///< a text message of the client
  WsActions accept();                        ///< the credential is good
  WsActions reject(const domain::Errors& errors);
  WsActions init_overdue();  ///< the time for `connection_init` is over

  bool awaits_init() const { return state_ == State::opened; }
  bool runs(const std::string& id) const { return running_.contains(id); }

  /// An answer or event (JSON text) of the running operation `id`.
  std::string next(std::string_view id, std::string_view payload) const;
  /// The operation is over.
  std::string complete(const std::string& id);
  std::string fail(const std::string& id, const GraphqlErrors& errors);

  /// What legacy clients want to hear at every heartbeat.
  std::optional<std::string> keep_alive() const;

  /// How the end of the credential is told. `graphql-transport-ws` clients take 4401 for final, so they get
  /// 4403, after which they connect again with what their `connectionParams` gives then.
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

/// One operation of a WebSocket; a subscription among them is one watch of the feed. Runs on: the connection's
/// io thread, but for `deliver` and `end`, which hand over to it.
class WsOperation final : public delivery::Watcher, public std::enable_shared_from_this<WsOperation> {
 public:
  /// Whom a watch's news go to.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_batch(const std::shared_ptr<WsOperation>& operation) = 0;
    virtual void on_watch_end(const std::shared_ptr<WsOperation>& operation, delivery::WatchCloseReason reason) = 0;
  };

  WsOperation(std::string id, Prepared prepared) : id_{std::move(id)}, prepared_{std::move(prepared)} {}

  const std::string& id() const { return id_; }
  bool is_subscription() const { return prepared_.type() == OperationType::subscription; }
  const Prepared& prepared() const { return prepared_; }

  /// Of a subscription: what it asks for; once, before `subscription` and `watch`.
  Outcome<void> read_subscription(const Endpoint& endpoint);
  const Subscription& subscription() const { return *subscription_; }

  void watch(Endpoint& endpoint, usecase::Watch watch, std::weak_ptr<Owner> owner,
             std::weak_ptr<http::MessageLink> link);

  void deliver(delivery::FrameBatch frames) override;
  void end(delivery::WatchCloseReason reason) override;

  /// True while frames of the present batch wait.
  bool waits() const { return next_ < batch_.size(); }

  /// The answer to the first frame that waits, as it is now: a comment that was removed meanwhile has lost its text.
  /// Null: this frame tells this subscription nothing. Failure: the subscription is over.
  Outcome<std::shared_ptr<const std::string>> first_answer() {
    return writer_->write(delivery::Frame::current(batch_[next_]));
  }

  void drop_first() { ++next_; }  ///< its answer is on its way

  void ready();  ///< the answers were written: the next batch may come

  /// Nothing more is wanted: the watch goes.
  void stop();
  bool stopped() const { return stopped_; }

 private:
  const std::string id_;
  const Prepared prepared_;
  std::optional<Subscription> subscription_;
  std::optional<EventWriter> writer_;
  std::weak_ptr<Owner> owner_;  // these two are set before the watch starts
  std::weak_ptr<http::MessageLink> link_;
  std::unique_ptr<delivery::Subscription> held_;
  delivery::FrameBatch batch_;  // at most one
  std::size_t next_ = 0;        // the first frame of it that waits
  bool stopped_ = false;
};

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

  void on_batch(const std::shared_ptr<WsOperation>& operation) override;
  void on_watch_end(const std::shared_ptr<WsOperation>& operation, delivery::WatchCloseReason reason) override;

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
