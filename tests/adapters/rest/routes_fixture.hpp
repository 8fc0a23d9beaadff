#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "adapters/graphql/http_endpoint.hpp"
#include "adapters/http/requests.hpp"
#include "adapters/rest/routes.hpp"
#include "support/in_memory_comment_repository.hpp"
#include "support/in_memory_conversation_repository.hpp"
#include "support/in_memory_notification_repository.hpp"
#include "support/in_memory_update_log.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/leases.hpp"

namespace danwa::adapters {

using http::OpenStream;
using http::Reply;
using http::Request;
using http::Response;

struct FixedClock final : usecase::Clock {
  domain::Timestamp now() const override { return domain::Timestamp{std::chrono::milliseconds{1'790'000'000'000}}; }
};

/// Tokens are `company/user`, people of company `dev` may notify everybody there; none is anonymous in
/// company `acme`.
struct FakeTokens final : usecase::TokenVerifier {
  domain::Result<usecase::LeasePtr> lease(std::string_view token) const override {
    ++verified;
    const auto slash = token.find('/');
    if (slash == std::string_view::npos) {
      return domain::fail(domain::DomainError{domain::ErrorKind::unauthenticated, "token-invalid", "", "No."});
    }
    return grant(credential(std::string{token.substr(0, slash)}, std::string{token.substr(slash + 1)}));
  }
  domain::Result<usecase::LeasePtr> lease_absent() const override {
    auto who = credential("acme", "anonymous");
    who.anonymous = true;
    return grant(std::move(who));
  }
  static domain::Credential credential(std::string company, std::string user) {
    const bool trusted = company == "dev";
    return {.company = domain::CompanyId::trusted(std::move(company)),
            .user = domain::UserId::trusted(std::move(user)),
            .stores = {},
            .grants = std::nullopt,
            .expires_at = std::nullopt,
            .trusted = trusted};
  }

  struct Time final : usecase::Clock {
    domain::Timestamp now() const override { return at; }
    domain::Timestamp at{std::chrono::milliseconds{1'790'000'000'000}};
  };
  mutable int verified = 0;  // tokens
  Time time;
  std::optional<domain::Timestamp> end;  // of all of them
  std::shared_ptr<usecase::Leases> leases = std::make_shared<usecase::Leases>(time);

 private:
  usecase::LeasePtr grant(domain::Credential who) const {
    who.expires_at = end;
    return leases->grant(std::make_shared<const usecase::Proof>(std::move(who)));
  }
};

struct NoBus final : usecase::EventBus {
  void publish(domain::DomainEvent, const domain::Epoch&) override {}
};

struct CountingIds final : usecase::IdGenerator {
  domain::Uuid next() override {
    domain::Uuid::Bytes bytes{};
    bytes[15] = ++last;
    return domain::Uuid{bytes};
  }
  std::uint8_t last = 0;
};

/// Keeps the watcher, so that the test can be the feed.
struct ManualFeed final : delivery::UpdateFeed {
  struct Hold final : delivery::Subscription {
    explicit Hold(ManualFeed& owner) : feed{owner} {}
    ~Hold() override { ++feed.ended; }
    void ready() override {
      ++feed.readied;
      if (feed.on_ready) feed.on_ready();
    }
    ManualFeed& feed;
  };
  std::unique_ptr<delivery::Subscription> watch(usecase::Watch asked,
                                                std::weak_ptr<delivery::Watcher> transport) override {
    watches.push_back(std::move(asked));
    watcher = std::move(transport);
    return std::make_unique<Hold>(*this);
  }
  std::vector<usecase::Watch> watches;
  std::weak_ptr<delivery::Watcher> watcher;
  std::function<void()> on_ready;
  int readied = 0;
  int ended = 0;
};

/// Some people in every conversation.
struct SomePeople final : usecase::Presence {
  usecase::Async<Page> present(domain::ChannelKey, std::optional<domain::UserId> after, std::size_t limit) override {
    Page page{.count = people.size(), .users = {}, .more = false};
    for (const auto& person : people) {
      if (after && person <= *after) continue;
      page.more = page.users.size() == limit;
      if (page.more) break;
      page.users.push_back(person);
    }
    co_return page;
  }
  std::vector<domain::UserId> people{domain::UserId::trusted("ann"), domain::UserId::trusted("bob")};
};

struct FakeNode final : NodeStatus {
  std::string name() const override { return "n\"1"; }
  bool draining() const override { return false; }
  bool storage_healthy() const override { return storage; }
  std::vector<NodeMember> members() const override { return {{"n\"1", "h:1", true, true}, {"b", "h:2", false, false}}; }
  std::string process_figures() const override { return "process_x 1\n"; }
  bool storage = true;
};

/// Every route, over fakes.
class RoutesTest : public testing::Test {
 protected:
  RoutesTest() {
    add_routes(router, needs());
    graphql::add_routes(router, needs());
  }

  Needs needs(std::chrono::milliseconds longest_poll = kLongestPoll) {
    return {use_cases, tokens, feed, node, metrics, longest_poll};
  }

  Reply answer(Request request) {
    boost::asio::io_context io;
    std::optional<Reply> reply;
    boost::asio::co_spawn(io, router.route(std::move(request)), [&](const std::exception_ptr& error, Reply got) {
      if (error) std::rethrow_exception(error);
      reply = std::move(got);
    });
    io.run();
    return std::move(*reply);
  }
  Response respond(Request request) { return std::get<Response>(answer(std::move(request))); }

  static Request request(std::string_view method, std::string_view target, std::string body = {},
                         std::string_view token = "acme/ann") {
    Request made = http::make_request(method, target, {{"authorization", "Bearer " + std::string{token}}});
    made.body = std::move(body);
    return made;
  }

  /// The codes of a problem answer, e.g. "422 title-empty visibility-unknown".
  static std::string problem(const Response& answer) {
    std::string out = std::to_string(answer.status);
    const auto body = nlohmann::json::parse(answer.body, nullptr, false);
    if (!body.contains("errors")) return out;
    for (const auto& error : body["errors"]) out += " " + error["errorCode"].get<std::string>();
    return out;
  }

  Response say(const std::string& text) {
    return respond(request("POST", "/v1/comments", R"({"content":")" + text + R"(","conversationKey":"lobby"})"));
  }

  tests::InMemoryLog memory;
  tests::InMemoryCommentRepository comments{memory};
  tests::InMemoryConversationRepository repository{memory};
  tests::InMemoryNotificationRepository notifications{memory};
  tests::InMemoryUpdateLog log{memory};
  NoBus bus;
  CountingIds ids;
  FixedClock clock;
  FakeTokens tokens;
  ManualFeed feed;
  FakeNode node;
  Metrics metrics;
  SomePeople people;
  usecase::UseCases use_cases{{.content_max = domain::CommentContent::kDefaultMax,
                               .comments = comments,
                               .conversations = repository,
                               .notifications = notifications,
                               .log = log,
                               .presence = people,
                               .events = bus,
                               .ids = ids,
                               .clock = clock,
                               .readers = 2}};
  http::Router router;
};

inline std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace danwa::adapters
