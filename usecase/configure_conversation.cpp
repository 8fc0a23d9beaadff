#include "usecase/configure_conversation.hpp"

#include "domain/account/credential.hpp"

namespace danwa::usecase {
namespace {

using domain::ConversationTitle;
using domain::fail;
using domain::Result;
using Settings = ConversationRepository::Settings;

Result<std::optional<std::optional<ConversationTitle>>> parse_title(std::optional<std::optional<std::string>> title) {
  using Title = std::optional<ConversationTitle>;
  if (!title) return std::optional<Title>{};
  if (!*title) return std::optional<Title>{Title{}};
  return ConversationTitle::parse(std::move(**title)).map([](ConversationTitle ok) {
    return std::optional<Title>{Title{std::move(ok)}};
  });
}

Result<std::optional<domain::Visibility>> parse_visibility(const std::optional<std::string>& visibility) {
  if (!visibility) return std::optional<domain::Visibility>{};
  return domain::parse_visibility(*visibility).map([](domain::Visibility ok) { return std::optional{ok}; });
}

}  // namespace

Result<ConfigureConversation::Parsed> ConfigureConversation::parse(Input input) {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                parse_title(std::move(input.title)), parse_visibility(input.visibility));
  if (!parsed) return fail(std::move(parsed).error());
  auto& [conversation, title, visibility] = *parsed;
  return Parsed{std::move(conversation), Settings{std::move(title), visibility}};
}

Async<Result<ConfigureConversation::Output>> ConfigureConversation::execute(Input input, domain::Credential who) const {
  Precondition precondition = std::move(input.precondition);
  auto parsed = parse(std::move(input));
  if (!parsed) co_return fail(std::move(parsed).error());
  if (auto allowed = require_change(who, parsed->conversation); !allowed) co_return fail(std::move(allowed).error());
  ConversationRepository::Change change{who.company,       parsed->conversation, who.user, needs_.clock.now(),
                                        needs_.ids.next(), needs_.ids.next(),    {}};
  change.more_events = [&ids = needs_.ids] { return ids.next(); };
  ConversationRepository::SettingsRule rule = [who, precondition = std::move(precondition)](
                                                  const ConversationRepository::View& view, const Settings& settings) {
    auto decided = view.conversation.configured(who, view.standing, settings);
    if (!decided) return decided;
    if (auto holds = require(precondition, {.exists = view.exists}); !holds) decided = fail(std::move(holds).error());
    return decided;
  };
  auto done = co_await needs_.conversations.configure(std::move(change), std::move(parsed->settings), std::move(rule));
  if (!done) co_return fail(std::move(done).error());
  for (auto& joined : done->joined) needs_.events.publish(std::move(joined), done->position.epoch);
  if (done->changed) needs_.events.publish(*done->changed, done->position.epoch);
  co_return Output{std::move(done->view), done->created, std::move(done->position)};
}

}  // namespace danwa::usecase
