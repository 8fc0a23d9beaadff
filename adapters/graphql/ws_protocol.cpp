#include <utility>

#include "adapters/graphql/http_endpoint.hpp"
#include "adapters/graphql/ws_connection.hpp"
#include "adapters/http/bearer.hpp"
#include "adapters/protocol/http/fields.hpp"
#include "adapters/protocol/json/json_writer.hpp"

namespace danwa::adapters::graphql {

// Two dialects of one protocol. Both begin with `connection_init`, whose token must be verified before any operation
// runs:
//
//     opened ──connection_init──> deciding ──accept──> acknowledged        any state ──> closed
//
// They differ after a mistake of the client. `graphql-transport-ws` closes the connection with a code for each mistake.
// The older `graphql-ws` answers by a message and goes on; only a rejected token closes it. An id names an operation as
// long as it runs. If a running id starts again, the former closes, and the latter replaces the operation. The actions
// are values, so tests run both dialects without a socket.

namespace {

using nlohmann::json;
using Failure = tl::unexpected<std::string>;

constexpr std::string_view kBearer = "bearer ";

/// The token of an init's payload: `authorization` or `Authorization` ("Bearer <token>"), or `token`. Only one may be
/// there.
domain::Result<std::optional<std::string>> read_token(const json& payload) {
  std::optional<std::string> found;
  bool other_scheme = false;  // perhaps for a proxy, so a token beside it still counts
  for (const char* name : {"authorization", "Authorization", "token"}) {
    const auto* value = find_member(payload, name);
    if (value == nullptr) continue;
    if (!value->is_string()) return domain::fail(http::token_invalid());
    std::string text = value->get<std::string>();
    if (std::string_view{name} != "token") {
      if (!http::equals_ignoring_case(std::string_view{text}.substr(0, kBearer.size()), kBearer)) {
        other_scheme = true;
        continue;
      }
      text.erase(0, kBearer.size());
    }
    if (found || text.empty()) return domain::fail(http::token_invalid());
    found = std::move(text);
  }
  if (other_scheme && !found) return domain::fail(http::token_invalid());
  return found;
}

/// `position` of an init's payload, with the value of a header `Danwa-Position`.
domain::Result<std::optional<domain::Position>> read_init_position(const json& payload) {
  const auto* value = find_member(payload, "position");
  if (value == nullptr) return std::nullopt;
  const auto text = value->is_string() ? value->get<std::string>() : std::string{};
  return domain::Position::parse(text).map([](domain::Position ok) { return std::optional{std::move(ok)}; });
}

}  // namespace

tl::expected<WsMessage, std::string> read_message(std::string_view text) {
  auto object = read_json(text);
  if (!object) return Failure{object.error().front().message};
  const auto* type = find_member(*object, "type");
  if (type == nullptr || !type->is_string()) return Failure{"type must be a string"};
  WsMessage message{type->get<std::string>(), {}, {}};
  if (const auto* id = find_member(*object, "id")) {
    if (!id->is_string() || id->get_ref<const std::string&>().empty()) return Failure{"id must be a string, not empty"};
    message.id = id->get<std::string>();
  }
  if (const auto* payload = find_member(*object, "payload")) {
    if (!payload->is_object()) return Failure{"payload must be an object"};
    message.payload = std::move((*object)["payload"]);
  }
  return message;
}

std::string write_message(std::string_view type, std::string_view id, std::string_view payload) {
  std::string out;
  ObjectWriter message{out};
  if (!id.empty()) message.text("id", id);
  message.text("type", type);
  if (!payload.empty()) message.raw("payload", payload);
  message.end();
  return out;
}

std::string_view subprotocol_of(Dialect dialect) {
  return dialect == Dialect::transport ? "graphql-transport-ws" : "graphql-ws";
}

std::optional<Dialect> choose_dialect(const http::Request& request) {
  for (const auto offered : request.elements("sec-websocket-protocol")) {
    for (const auto known : {Dialect::transport, Dialect::legacy}) {
      if (offered == subprotocol_of(known)) return known;
    }
  }
  return std::nullopt;
}

WsProtocol::WsProtocol(std::optional<Dialect> dialect) : dialect_{dialect} {}

WsActions WsProtocol::open() {
  if (dialect_) return {};
  return close(WsCode::kNoSubprotocol, "Subprotocol not acceptable");
}

WsActions WsProtocol::receive(std::string_view text) {
  if (state_ == State::closed) return {};
  auto message = read_message(text);
  if (message) return is_legacy() ? on_legacy(std::move(*message)) : on_transport(std::move(*message));
  if (is_legacy()) return complain("connection_error", {}, "Invalid message: " + message.error());
  return close(WsCode::kBadRequest, "Invalid message: " + message.error());
}

WsActions WsProtocol::on_transport(WsMessage message) {
  if (message.type == "ping") {
    return {WsSend{write_message("pong", {}, message.payload.is_null() ? "" : message.payload.dump())}};
  }
  if (message.type == "pong") return {};
  if (message.type == "connection_init") {
    if (state_ != State::opened) return close(WsCode::kTooManyInits, "Too many initialisation requests");
    return on_init(message);
  }
  if (message.type == "subscribe") return on_subscribe(std::move(message));
  if (message.type != "complete") return close(WsCode::kBadRequest, "Invalid message: its type is not known");
  if (message.id.empty()) return close(WsCode::kBadRequest, "Invalid message: id is missing");
  return stop(message.id);
}

WsActions WsProtocol::on_legacy(WsMessage message) {
  if (message.type == "connection_init") {
    if (state_ != State::opened) return complain("connection_error", {}, "connection_init came twice.");
    return on_init(message);
  }
  if (message.type == "connection_terminate") return close(WsCode::kNormal, {});
  if (message.type == "start") return on_start(std::move(message));
  if (message.type == "stop") return stop(message.id);
  return complain("error", message.id, "The type of the message is not known.");
}

WsActions WsProtocol::on_init(const WsMessage& message) {
  auto token = read_token(message.payload);
  if (!token) return reject(token.error());
  auto position = read_init_position(message.payload);
  if (!position) {
    if (is_legacy()) return reject(position.error());
    return close(WsCode::kBadRequest, "Invalid message: " + position.error().first().message);
  }
  state_ = State::deciding;
  return {WsAuthenticate{std::move(*token), std::move(*position)}};
}

WsActions WsProtocol::accept() {
  if (state_ != State::deciding) return {};
  state_ = State::acknowledged;
  WsActions actions{WsSend{write_message("connection_ack")}};
  if (const auto alive = keep_alive()) actions.emplace_back(WsSend{*alive});
  return actions;
}

WsActions WsProtocol::reject(const domain::Errors& errors) {
  if (!is_legacy()) return close(WsCode::kForbidden, "Forbidden: " + errors.first().code);
  auto actions = complain("connection_error", {}, errors.first().message);
  for (auto& action : close(WsCode::kLegacyRefused, errors.first().code)) actions.push_back(std::move(action));
  return actions;
}

WsActions WsProtocol::init_overdue() {
  if (state_ != State::opened) return {};
  return close(WsCode::kInitTimeout, "Connection initialisation timeout");
}

WsActions WsProtocol::on_subscribe(WsMessage message) {
  if (message.id.empty()) return close(WsCode::kBadRequest, "Invalid message: id is missing");
  if (message.payload.is_null()) return close(WsCode::kBadRequest, "Invalid message: payload is missing");
  auto params = read_params(message.payload);
  if (!params && !asks_for_text(params.error())) {
    return close(WsCode::kBadRequest, "Invalid message: " + params.error().front().message);
  }
  if (state_ != State::acknowledged) return close(WsCode::kUnauthorized, "Unauthorized");
  if (runs(message.id)) {
    return close(WsCode::kSubscriberExists, "Subscriber for " + message.id + " already exists");
  }
  if (!params) return {WsSend{fail(message.id, params.error())}};
  return start(std::move(message.id), std::move(*params));
}

WsActions WsProtocol::on_start(WsMessage message) {
  if (message.id.empty()) return complain("connection_error", {}, "start needs an id.");
  if (state_ != State::acknowledged) return complain("error", message.id, "connection_init must come first.");
  auto actions = stop(message.id);  // the same id again replaces the operation
  auto params = read_params(message.payload.is_null() ? json::object() : message.payload);
  if (!params) {
    actions.emplace_back(WsSend{fail(message.id, params.error())});
    return actions;
  }
  for (auto& action : start(std::move(message.id), std::move(*params))) actions.push_back(std::move(action));
  return actions;
}

WsActions WsProtocol::start(std::string id, Params params) {
  if (running_.size() >= kMaxOperations) {
    const auto message = "A connection runs at most " + std::to_string(kMaxOperations) + " operations at once.";
    return {WsSend{fail(id, {{message, "too-many-operations"}})}};
  }
  running_.insert(id);
  return {WsStart{std::move(id), std::move(params)}};
}

WsActions WsProtocol::stop(const std::string& id) {
  if (running_.erase(id) == 0) return {};
  return {WsStop{id}};
}

WsActions WsProtocol::close(std::uint16_t code, std::string reason) {
  state_ = State::closed;
  running_.clear();
  return {WsClose{code, std::move(reason)}};
}

WsActions WsProtocol::complain(std::string_view type, std::string_view id, std::string_view message) {
  const json payload{{"message", message}};
  return {WsSend{write_message(type, id, payload.dump())}};
}

std::string WsProtocol::next(std::string_view id, std::string_view payload) const {
  return write_message(is_legacy() ? "data" : "next", id, payload);
}

std::string WsProtocol::complete(const std::string& id) {
  running_.erase(id);
  return write_message("complete", id);
}

std::string WsProtocol::fail(const std::string& id, const GraphqlErrors& errors) {
  running_.erase(id);
  const auto list = to_json(errors);
  if (!is_legacy()) return write_message("error", id, list.dump());
  nlohmann::ordered_json payload = list.front();
  payload["errors"] = list;
  return write_message("error", id, payload.dump());
}

std::optional<std::string> WsProtocol::keep_alive() const {
  if (!is_legacy() || state_ != State::acknowledged) return std::nullopt;
  return write_message("ka");
}

}  // namespace danwa::adapters::graphql
