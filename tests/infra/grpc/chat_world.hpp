#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "adapters/grpc/chat_endpoint.hpp"
#include "infra/grpc/memory_feed.hpp"
#include "support/in_memory_comment_repository.hpp"
#include "support/in_memory_conversation_repository.hpp"
#include "support/in_memory_notification_repository.hpp"
#include "support/in_memory_update_log.hpp"
#include "support/nobody_present.hpp"
#include "support/quiet_logger.hpp"
#include "support/ticking_leases.hpp"

namespace danwa::tests {

/// The bearer string is the user, but `expired` and `short`, which ends in `token_life`; none is anonymous.
class NameTokens final : public usecase::TokenVerifier {
 public:
  explicit NameTokens(const usecase::Clock& clock) : leases{clock} {}

  domain::Result<usecase::LeasePtr> lease(std::string_view token) const override {
    if (token == "wrong") {
      return domain::fail(domain::DomainError{domain::ErrorKind::unauthenticated, "token-invalid", "", "No."});
    }
    auto who = named(std::string{token});
    if (token == "short") who.expires_at = now() + token_life.load();
    return leases.grant(std::move(who));
  }
  domain::Result<usecase::LeasePtr> lease_absent() const override {
    auto who = named("anonymous");
    who.anonymous = true;
    return leases.grant(std::move(who));
  }
  static domain::Timestamp now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

  std::atomic<std::chrono::milliseconds> token_life{std::chrono::milliseconds{300}};
  TickingLeases leases;

 private:
  static domain::Credential named(std::string user) {
    return {.company = domain::CompanyId::trusted("acme"),
            .user = domain::UserId::trusted(std::move(user)),
            .stores = {},
            .grants = std::nullopt,
            .expires_at = std::nullopt};
  }
};

struct RealClock final : usecase::Clock {
  domain::Timestamp now() const override { return NameTokens::now(); }
};

struct AtomicIds final : usecase::IdGenerator {
  domain::Uuid next() override {
    const auto number = ++last;
    domain::Uuid::Bytes bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return domain::Uuid{bytes};
  }
  std::atomic<std::uint64_t> last{0};
};

/// Everything behind the gRPC endpoint, in memory.
struct ChatWorld {
  adapters::rpc::ChatEndpoint::Needs needs() { return {use_cases, tokens, feed, metrics, figures, ""}; }

  static domain::ChannelKey channel(const std::string& key) {
    return domain::ChannelKey::conversation(domain::CompanyId::trusted("acme"), domain::ConversationKey::trusted(key));
  }
  domain::Seq head(const std::string& key) {
    const std::lock_guard lock{memory.mutex};
    return memory.head(channel(key));
  }

  InMemoryLog memory;
  InMemoryCommentRepository comments{memory};
  InMemoryConversationRepository rooms{memory};
  InMemoryNotificationRepository notifications{memory};
  InMemoryUpdateLog log{memory};
  MemoryFeed feed{memory};
  AtomicIds ids;
  RealClock clock;
  NameTokens tokens{clock};
  QuietLogger logger;
  adapters::Metrics metrics;
  adapters::GrpcFigures figures;
  NobodyPresent nobody;
  usecase::UseCases use_cases{{.content_max = domain::CommentContent::kDefaultMax,
                               .comments = comments,
                               .conversations = rooms,
                               .notifications = notifications,
                               .log = log,
                               .presence = nobody,
                               .events = feed,
                               .ids = ids,
                               .clock = clock,
                               .readers = 2}};
  adapters::rpc::ChatEndpoint endpoint{needs()};
};

}  // namespace danwa::tests
