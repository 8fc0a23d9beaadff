#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/graphql/door_params.hpp"
#include "adapters/graphql/ws_message.hpp"
#include "adapters/http/request.hpp"
#include "domain/channel/position.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters::graphql {

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

}  // namespace danwa::adapters::graphql
