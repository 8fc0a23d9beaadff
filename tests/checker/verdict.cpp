#include "checker/verdict.hpp"

#include "checker/conversation_check.hpp"

namespace danwa::checker {
namespace {

constexpr std::size_t kMostWords = 20;

}  // namespace

void Verdict::add(const std::string& kind, const std::string& what) {
  ++counts[kind];
  if (words.size() < kMostWords) words.push_back(kind + ": " + what);
}

Verdict check(const std::vector<Event>& events, std::int64_t max_delay_us) {
  Verdict verdict;
  std::map<std::string, ConversationCheck> conversations;
  for (const auto& event : events) {
    const auto& name = event.conversation;
    conversations.try_emplace(name, name, verdict, max_delay_us).first->second.add(event);
  }
  for (auto& [name, conversation] : conversations) conversation.run();
  return verdict;
}

}  // namespace danwa::checker
