#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/fixed.hpp"
#include "support/in_memory_conversation_repository.hpp"
#include "usecase/ports/event_bus.hpp"

namespace danwa::usecase {

using tests::FixedClock;
using tests::FixedIds;

inline domain::Credential person(const char* name) {
  return {domain::CompanyId::trusted("acme"), domain::UserId::trusted(name), {}, {}, {}, false};
}

inline domain::Credential nobody() {
  auto who = person("anonymous");
  who.anonymous = true;
  return who;
}

inline domain::Credential granted(domain::Credential who, std::string pattern, std::vector<domain::Verb> verbs) {
  who.grants = std::vector<domain::Grant>{{std::move(pattern), std::move(verbs)}};
  return who;
}

struct Published final : EventBus {
  std::vector<domain::DomainEvent> events;
  void publish(domain::DomainEvent event, const domain::Epoch& /*epoch*/) override {
    events.push_back(std::move(event));
  }
};

/// The conversation "room" of company "acme", in memory.
struct OneRoom {
  tests::InMemoryLog memory;
  tests::InMemoryConversationRepository repository{memory};
  const domain::ConversationKey key = domain::ConversationKey::trusted("room");
  const domain::ChannelKey channel = domain::ChannelKey::conversation(domain::CompanyId::trusted("acme"), key);

  void let_in(const char* name, domain::MemberRole role = domain::MemberRole::member) {
    const auto user = domain::UserId::trusted(name);
    const auto seq = memory.append(channel, {}, domain::MemberAdded{domain::Uuid{}, user, user});
    memory.channels[channel].members.insert_or_assign(user, domain::Member{user, role, {}, seq});
  }
  void close() { memory.channels[channel].visibility = domain::Visibility::restricted; }
  void turn_all_out() { memory.channels[channel].members.clear(); }
  domain::Seq head() const { return memory.head(channel); }
};

}  // namespace danwa::usecase
