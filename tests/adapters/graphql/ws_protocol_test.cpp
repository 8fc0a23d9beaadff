#include "adapters/graphql/ws_connection.hpp"

#include <gtest/gtest.h>

namespace danwa::adapters::graphql {
namespace {

using nlohmann::json;

constexpr const char* kInit = R"({"type":"connection_init"})";

std::string subscribe(const std::string& id, const std::string& type = "subscribe") {
  return json{{"type", type}, {"id", id}, {"payload", {{"query", "{ __typename }"}}}}.dump();
}

/// The one close among `actions`: its code; 0 without one.
int close_code(const WsActions& actions) {
  for (const auto& action : actions) {
    if (const auto* close = std::get_if<WsClose>(&action)) return close->code;
  }
  return 0;
}

/// The messages among `actions`.
std::vector<json> sent(const WsActions& actions) {
  std::vector<json> out;
  for (const auto& action : actions) {
    if (const auto* send = std::get_if<WsSend>(&action)) out.push_back(json::parse(send->text));
  }
  return out;
}

template <class Action>
const Action* find(const WsActions& actions) {
  for (const auto& action : actions) {
    if (const auto* found = std::get_if<Action>(&action)) return found;
  }
  return nullptr;
}

WsProtocol acknowledged(Dialect dialect = Dialect::transport) {
  WsProtocol protocol{dialect};
  protocol.open();
  protocol.receive(kInit);
  protocol.accept();
  return protocol;
}

GraphqlErrors failure(const std::string& message) { return {{.message = message, .code = "some-code"}}; }

http::Request offering(std::vector<std::string> protocols) {
  http::Request request;
  for (auto& value : protocols) request.headers.emplace_back("sec-websocket-protocol", std::move(value));
  return request;
}

TEST(WsProtocol, TakesTheFirstKnownSubprotocol) {
  EXPECT_EQ(choose_dialect(offering({"chat, graphql-transport-ws, graphql-ws"})), Dialect::transport);
  EXPECT_EQ(choose_dialect(offering({"graphql-ws", "graphql-transport-ws"})), Dialect::legacy);
  EXPECT_EQ(choose_dialect(offering({"Graphql-ws"})), std::nullopt);
  EXPECT_EQ(choose_dialect(offering({})), std::nullopt);
}

TEST(WsProtocol, ClosesWithoutAKnownSubprotocol) {
  EXPECT_EQ(close_code(WsProtocol{std::nullopt}.open()), 4406);
  EXPECT_TRUE(WsProtocol{Dialect::transport}.open().empty());
  EXPECT_TRUE(WsProtocol{Dialect::legacy}.open().empty());
}

TEST(WsProtocol, AcknowledgesAGoodCredential) {
  WsProtocol protocol{Dialect::transport};
  const auto asked = protocol.receive(R"({"type":"connection_init","payload":{"authorization":"bearer abc"}})");
  ASSERT_NE(find<WsAuthenticate>(asked), nullptr);
  EXPECT_EQ(find<WsAuthenticate>(asked)->token, "abc");
  EXPECT_FALSE(protocol.awaits_init());
  EXPECT_EQ(sent(protocol.accept()), (std::vector<json>{{{"type", "connection_ack"}}}));
}

TEST(WsProtocol, FindsTheTokenOfTheInit) {
  const auto token_of = [](const json& payload) {
    WsProtocol protocol{Dialect::transport};
    const auto actions = protocol.receive(json{{"type", "connection_init"}, {"payload", payload}}.dump());
    const auto* ask = find<WsAuthenticate>(actions);
    return ask == nullptr ? "closed " + std::to_string(close_code(actions)) : ask->token.value_or("none");
  };
  EXPECT_EQ(token_of({{"token", "abc"}}), "abc");
  EXPECT_EQ(token_of({{"Authorization", "Bearer abc"}}), "abc");
  EXPECT_EQ(token_of({{"authorization", "Basic abc"}, {"token", "abc"}}), "abc") << "another scheme hides nothing";
  EXPECT_EQ(token_of({{"Authorization", "Basic abc"}, {"authorization", "Bearer abc"}}), "abc");
  EXPECT_EQ(token_of({{"other", 1}, {"token", nullptr}}), "none");
  EXPECT_EQ(token_of(nullptr), "none");
  for (const json& bad : {json{{"token", 7}}, json{{"token", ""}}, json{{"authorization", "abc"}},
                          json{{"authorization", "Basic abc"}}, json{{"token", "a"}, {"authorization", "Bearer b"}}}) {
    EXPECT_EQ(token_of(bad), "closed 4403") << bad;
  }
}

TEST(WsProtocol, FindsThePositionOfTheInit) {
  const auto position_of = [](Dialect dialect, const json& payload) {
    WsProtocol protocol{dialect};
    const auto actions = protocol.receive(json{{"type", "connection_init"}, {"payload", payload}}.dump());
    const auto* ask = find<WsAuthenticate>(actions);
    if (ask == nullptr) return "closed " + std::to_string(close_code(actions));
    return ask->position ? ask->position->to_string() : "none";
  };
  EXPECT_EQ(position_of(Dialect::transport, {{"position", "e.7"}}), "e.7");
  EXPECT_EQ(position_of(Dialect::legacy, {{"position", "e.7"}}), "e.7");
  EXPECT_EQ(position_of(Dialect::transport, {{"position", nullptr}}), "none");
  EXPECT_EQ(position_of(Dialect::transport, nullptr), "none");
  for (const json& bad : {json{{"position", 7}}, json{{"position", ""}}, json{{"position", "e:7"}}}) {
    EXPECT_EQ(position_of(Dialect::transport, bad), "closed 4400") << bad;
    EXPECT_EQ(position_of(Dialect::legacy, bad), "closed 1011") << bad;
  }
}

TEST(WsProtocol, ForbidsABadCredential) {
  WsProtocol protocol{Dialect::transport};
  protocol.receive(kInit);
  const domain::Errors errors =
      domain::DomainError{domain::ErrorKind::unauthenticated, "token-invalid", "authorization", "No."};
  EXPECT_EQ(close_code(protocol.reject(errors)), 4403);
  EXPECT_TRUE(protocol.receive(kInit).empty());  // nothing more is answered
}

TEST(WsProtocol, WaitsForTheInitNoLongerThanItsTime) {
  WsProtocol protocol{Dialect::transport};
  EXPECT_TRUE(protocol.awaits_init());
  EXPECT_EQ(close_code(protocol.init_overdue()), 4408);
  EXPECT_TRUE(acknowledged().init_overdue().empty());
}

TEST(WsProtocol, RefusesASecondInit) {
  EXPECT_EQ(close_code(acknowledged().receive(kInit)), 4429);
  WsProtocol deciding{Dialect::transport};
  deciding.receive(kInit);
  EXPECT_EQ(close_code(deciding.receive(kInit)), 4429);
}

TEST(WsProtocol, RefusesAnOperationBeforeTheAcknowledgement) {
  WsProtocol protocol{Dialect::transport};
  EXPECT_EQ(close_code(protocol.receive(subscribe("1"))), 4401);
}

TEST(WsProtocol, RefusesASecondOperationOfOneId) {
  auto protocol = acknowledged();
  const auto started = protocol.receive(subscribe("1"));
  ASSERT_NE(find<WsStart>(started), nullptr);
  EXPECT_EQ(find<WsStart>(started)->params.query, "{ __typename }");
  const auto actions = protocol.receive(subscribe("1"));
  ASSERT_NE(find<WsClose>(actions), nullptr);
  EXPECT_EQ(find<WsClose>(actions)->code, 4409);
  EXPECT_EQ(find<WsClose>(actions)->reason, "Subscriber for 1 already exists");
}

TEST(WsProtocol, AsksForTheTextOfAPersistedQueryAndStaysOpen) {
  const json payload{{"operationName", "A"},
                     {"extensions", {{"persistedQuery", {{"version", 1}, {"sha256Hash", "ab"}}}}}};
  for (const auto& [dialect, type] : {std::pair{Dialect::transport, "subscribe"}, {Dialect::legacy, "start"}}) {
    auto protocol = acknowledged(dialect);
    const auto actions = protocol.receive(json{{"type", type}, {"id", "1"}, {"payload", payload}}.dump());
    EXPECT_EQ(close_code(actions), 0) << type;
    ASSERT_EQ(sent(actions).size(), 1U) << type;
    const json answer = sent(actions)[0];
    EXPECT_EQ(answer["type"], "error");
    EXPECT_NE(answer["payload"].dump().find("PERSISTED_QUERY_NOT_SUPPORTED"), std::string::npos) << answer;
    EXPECT_NE(find<WsStart>(protocol.receive(subscribe("1", type))), nullptr) << "then it sends the text";
  }
  EXPECT_EQ(close_code(WsProtocol{Dialect::transport}.receive(
                json{{"type", "subscribe"}, {"id", "1"}, {"payload", payload}}.dump())),
            4401);
}

TEST(WsProtocol, AnIdIsFreeAgainWhenItsOperationIsOver) {
  auto protocol = acknowledged();
  protocol.receive(subscribe("1"));
  protocol.complete("1");
  EXPECT_NE(find<WsStart>(protocol.receive(subscribe("1"))), nullptr);
  protocol.fail("1", failure("no"));
  EXPECT_NE(find<WsStart>(protocol.receive(subscribe("1"))), nullptr);
  const auto stopped = protocol.receive(R"({"type":"complete","id":"1"})");
  ASSERT_NE(find<WsStop>(stopped), nullptr);
  EXPECT_NE(find<WsStart>(protocol.receive(subscribe("1"))), nullptr);
}

TEST(WsProtocol, ACompleteForAnUnknownIdIsNothing) {
  EXPECT_TRUE(acknowledged().receive(R"({"type":"complete","id":"9"})").empty());
}

TEST(WsProtocol, RefusesWhatIsNoMessage) {
  for (const char* text :
       {"", "x", "[]", R"([{"type":"ping"}])", "{}", R"({"type":1})", R"({"type":"what"})",
        R"({"type":"start","id":"1"})", R"({"type":"complete"})", R"({"type":"subscribe","payload":{"query":"{a}"}})",
        R"({"type":"subscribe","id":"1"})", R"({"type":"subscribe","id":"","payload":{"query":"{a}"}})",
        R"({"type":"subscribe","id":1,"payload":{"query":"{a}"}})", R"({"type":"subscribe","id":"1","payload":{}})",
        R"({"type":"subscribe","id":"1","payload":{"query":1}})",
        R"({"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}})", R"({"type":"ping","payload":1})",
        R"({"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":1}})",
        R"({"type":"ping","type":"ping"})"}) {
    auto protocol = acknowledged();
    EXPECT_EQ(close_code(protocol.receive(text)), 4400) << text;
  }
}

TEST(WsProtocol, RefusesDeepJsonBeforeItBuildsATree) {
  std::string deep = R"({"type":"ping","payload":{"a":)";
  deep += std::string(20'000, '[') + std::string(20'000, ']') + "}}";
  EXPECT_EQ(close_code(acknowledged().receive(deep)), 4400);
}

TEST(WsProtocol, AnswersPingsAtAnyTime) {
  WsProtocol protocol{Dialect::transport};
  EXPECT_EQ(sent(protocol.receive(R"({"type":"ping"})")), (std::vector<json>{{{"type", "pong"}}}));
  EXPECT_EQ(sent(protocol.receive(R"({"type":"ping","payload":{"a":[1]}})")),
            (std::vector<json>{{{"type", "pong"}, {"payload", {{"a", {1}}}}}}));
  EXPECT_TRUE(protocol.receive(R"({"type":"pong"})").empty());
}

TEST(WsProtocol, RunsABoundedNumberOfOperations) {
  auto protocol = acknowledged();
  for (std::size_t i = 0; i < WsProtocol::kMaxOperations; ++i) {
    ASSERT_NE(find<WsStart>(protocol.receive(subscribe(std::to_string(i)))), nullptr);
  }
  const auto refused = sent(protocol.receive(subscribe("more")));
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0]["type"], "error");
  EXPECT_EQ(refused[0]["id"], "more");
  EXPECT_EQ(refused[0]["payload"][0]["extensions"]["code"], "too-many-operations");
  protocol.complete("0");
  EXPECT_NE(find<WsStart>(protocol.receive(subscribe("more"))), nullptr);
}

TEST(WsProtocol, NamesItsMessagesAsTheDialectHasThem) {
  auto transport = acknowledged();
  EXPECT_EQ(transport.next("1\"", R"({"data":1})"), R"({"id":"1\"","type":"next","payload":{"data":1}})");
  EXPECT_EQ(transport.complete("1"), R"({"id":"1","type":"complete"})");
  EXPECT_EQ(json::parse(transport.fail("1", failure("no")))["payload"][0]["message"], "no");
  EXPECT_EQ(transport.keep_alive(), std::nullopt);
  auto legacy = acknowledged(Dialect::legacy);
  EXPECT_EQ(legacy.next("1", R"({"data":1})"), R"({"id":"1","type":"data","payload":{"data":1}})");
  EXPECT_EQ(json::parse(legacy.fail("1", failure("no")))["payload"]["message"], "no");
  EXPECT_EQ(legacy.keep_alive(), R"({"type":"ka"})");
}

TEST(LegacyWsProtocol, AcknowledgesAndKeepsAlive) {
  WsProtocol protocol{Dialect::legacy};
  EXPECT_EQ(protocol.keep_alive(), std::nullopt);
  protocol.receive(kInit);
  EXPECT_EQ(sent(protocol.accept()), (std::vector<json>{{{"type", "connection_ack"}}, {{"type", "ka"}}}));
}

TEST(LegacyWsProtocol, TellsOfABadCredentialBeforeItCloses) {
  WsProtocol protocol{Dialect::legacy};
  const auto actions = protocol.receive(R"({"type":"connection_init","payload":{"token":1}})");
  EXPECT_EQ(sent(actions).at(0)["type"], "connection_error");
  EXPECT_EQ(close_code(actions), 1011);
}

TEST(LegacyWsProtocol, StaysOpenOnWhatItDoesNotUnderstand) {
  auto protocol = acknowledged(Dialect::legacy);
  EXPECT_EQ(sent(protocol.receive("x")).at(0)["type"], "connection_error");
  EXPECT_EQ(sent(protocol.receive(kInit)).at(0)["type"], "connection_error");
  EXPECT_EQ(sent(protocol.receive(R"({"type":"what","id":"1"})")).at(0)["type"], "error");
  EXPECT_EQ(sent(protocol.receive(R"({"type":"start","id":"1","payload":{}})")).at(0)["type"], "error");
  EXPECT_NE(find<WsStart>(protocol.receive(subscribe("1", "start"))), nullptr);
}

TEST(LegacyWsProtocol, WantsTheInitFirst) {
  WsProtocol protocol{Dialect::legacy};
  const auto refused = sent(protocol.receive(subscribe("1", "start")));
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0]["type"], "error");
}

TEST(LegacyWsProtocol, TheSameIdAgainReplacesTheOperation) {
  auto protocol = acknowledged(Dialect::legacy);
  protocol.receive(subscribe("1", "start"));
  const auto actions = protocol.receive(subscribe("1", "start"));
  EXPECT_NE(find<WsStop>(actions), nullptr);
  EXPECT_NE(find<WsStart>(actions), nullptr);
}

TEST(LegacyWsProtocol, StopsAndTerminates) {
  auto protocol = acknowledged(Dialect::legacy);
  protocol.receive(subscribe("1", "start"));
  EXPECT_NE(find<WsStop>(protocol.receive(R"({"type":"stop","id":"1"})")), nullptr);
  EXPECT_EQ(close_code(protocol.receive(R"({"type":"connection_terminate"})")), 1000);
}

}  // namespace
}  // namespace danwa::adapters::graphql
