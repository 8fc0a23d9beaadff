#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/message.hpp"
#include "support/comments.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/leases.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/repositories.hpp"

namespace danwa::adapters::graphql {

/// A WebSocket whose other end is the test. `drain` is the socket taking all that was sent.
class FakeLink final : public http::MessageLink, public std::enable_shared_from_this<FakeLink> {
 public:
  explicit FakeLink(std::shared_ptr<http::MessagePeer> peer) : peer_{std::move(peer)} {}

  void open() { peer_->on_open(shared_from_this()); }
  void say(const nlohmann::json& message) {
    peer_->on_message(message.dump());
    run();
  }

  void send(std::string_view text) override {
    ++unsent_;
    sent.push_back(nlohmann::json::parse(text));
  }
  bool has_unsent() const override { return unsent_ > 0; }
  void close(std::uint16_t code, std::string_view reason) override {
    if (std::exchange(close_code, code) != 0) return;
    close_reason = reason;
    peer_->on_end();
  }
  void set_alarm(std::optional<Clock::time_point> when) override { alarm = when; }
  void hold(usecase::LeasePtr lease, std::uint16_t code) override { held = std::pair{std::move(lease), code}; }
  void spawn(usecase::Async<void> task) override {
    boost::asio::co_spawn(io_, std::move(task), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }
  void post(std::function<void()> call) override { boost::asio::post(io_, std::move(call)); }

  /// Tasks and calls, until none is left.
  void run() {
    io_.restart();
    io_.run();
    if (unsent_ == 0) take();
  }
  /// The socket takes the messages that wait.
  void take() {
    while (close_code == 0 && peer_->has_message()) {
      const auto text = peer_->next_message();
      if (!text) break;
      send(*text);
      peer_->on_message_begun();
    }
  }
  void drain() {
    unsent_ = 0;
    if (close_code == 0) peer_->on_drained();
    run();
  }
  /// Takes what is sent, again and again, until nothing comes.
  void drain_all() {
    do {
      drain();
    } while (unsent_ > 0);
  }

  std::vector<nlohmann::json> sent;
  std::uint16_t close_code = 0;
  std::string close_reason;
  std::optional<Clock::time_point> alarm;
  std::optional<std::pair<usecase::LeasePtr, std::uint16_t>> held;

 private:
  std::shared_ptr<http::MessagePeer> peer_;
  std::size_t unsent_ = 0;
  boost::asio::io_context io_;
};

/// A feed whose batches the test hands out.
class FakeFeed final : public delivery::UpdateFeed {
 public:
  struct Watch {
    usecase::Watch request;
    std::weak_ptr<delivery::Watcher> watcher;
    int readies = 0;
    bool gone = false;
  };

  std::unique_ptr<delivery::Subscription> watch(usecase::Watch request,
                                                std::weak_ptr<delivery::Watcher> watcher) override {
    watches.push_back(std::make_shared<Watch>(Watch{std::move(request), std::move(watcher)}));
    return std::make_unique<Held>(watches.back());
  }

  std::vector<std::shared_ptr<Watch>> watches;

 private:
  struct Held final : delivery::Subscription {
    explicit Held(std::shared_ptr<Watch> held) : watch{std::move(held)} {}
    ~Held() override { watch->gone = true; }
    void ready() override { ++watch->readies; }
    std::shared_ptr<Watch> watch;
  };
};

/// Every conversation is open, but "secret"; nobody joins anything.
class OpenRooms final : public usecase::ConversationRepository {
 public:
  usecase::Async<domain::Result<AccessContext>> view(domain::CompanyId company, domain::ConversationKey conversation,
                                                     domain::UserId) override {
    const bool secret = conversation.value() == "secret";
    const auto visibility = secret ? domain::Visibility::restricted : domain::Visibility::open;
    co_return AccessContext{{std::move(company), std::move(conversation), std::nullopt, visibility}, {}, 0, true};
  }
  usecase::Async<domain::Result<Configured>> configure(Change, Settings, SettingsRule) override { co_return refused(); }
  usecase::Async<domain::Result<Joined>> join(Change, domain::UserId, Rule) override { co_return refused(); }
  usecase::Async<domain::Result<Left>> leave(Change, domain::UserId, Rule) override { co_return refused(); }
  usecase::Async<domain::Result<Members>> members(domain::CompanyId, domain::ConversationKey, domain::UserId,
                                                  std::optional<domain::UserId>, std::size_t) override {
    co_return refused();
  }

 private:
  static tl::unexpected<domain::Errors> refused() { return domain::fail(domain::unavailable("closed", "Not here.")); }
};

class NoInbox final : public usecase::NotificationRepository {
 public:
  usecase::Async<domain::Result<Added>> add(domain::Notification, std::optional<usecase::IdempotencyKey>) override {
    co_return domain::fail(domain::unavailable("closed", "Not here."));
  }
};

/// The token is the user; "bad" is refused, "short" ends at the time 1,000.
class NamedTokens final : public usecase::TokenVerifier {
 public:
  domain::Result<usecase::LeasePtr> lease(std::string_view token) const override {
    if (token == "bad") return domain::fail(invalid());
    domain::Credential who{.company = tests::company(),
                           .user = domain::UserId::trusted(std::string{token}),
                           .stores = {},
                           .grants = std::nullopt,
                           .expires_at = std::nullopt};
    if (token == "short") who.expires_at = domain::Timestamp{std::chrono::milliseconds{1'000}};
    return leases_->grant(std::make_shared<const usecase::Proof>(std::move(who)));
  }
  domain::Result<usecase::LeasePtr> lease_absent() const override { return domain::fail(invalid()); }

  void set_time(std::chrono::milliseconds time) { clock_.time = domain::Timestamp{time}; }

 private:
  struct HandClock final : usecase::Clock {
    domain::Timestamp now() const override { return time; }
    domain::Timestamp time{};
  };
  static domain::Errors invalid() {
    return domain::DomainError{domain::ErrorKind::unauthenticated, "token-invalid", "authorization", "No."};
  }

  HandClock clock_;
  std::shared_ptr<usecase::Leases> leases_ = std::make_shared<usecase::Leases>(clock_);
};

}  // namespace danwa::adapters::graphql
