#include "usecase/conversations.hpp"

#include <algorithm>
#include <string_view>

#include "usecase/ports/paging.hpp"

// The use cases of conversations and their members: configure, get, list, then join, leave, and who is there. A change
// passes its rule to the repository, which runs it inside the transaction on the membership that it reads there. A page
// of the list is bounded by the rows that it examines and not only by the rows that it shows: a caller with few grants
// in a large company must not make the database walk through all conversations. ListingPage counts them, and ends the
// page early with a mark for the next one. Both databases fill the same ListingPage, so their pages agree.

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
                                                  const ConversationRepository::AccessContext& view,
                                                  const Settings& settings) {
    auto decided = view.conversation.configured(who, view.membership, settings);
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

Async<Result<ConversationRepository::AccessContext>> GetConversation::execute(std::string conversation_key,
                                                                              domain::Credential who) const {
  auto conversation = domain::ConversationKey::parse(std::move(conversation_key));
  if (!conversation) co_return fail(std::move(conversation).error());
  if (auto allowed = require(who, domain::Verb::read, *conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  co_return co_await access_.require_entered(std::move(who), std::move(*conversation));
}

ListingPage::ListingPage(const UpdateLog::ListingRequest& request) : request_{request} {}

void ListingPage::look(std::size_t looked, UpdateLog::ConversationSummary row) {
  if (ended_) return;
  const auto place = row.place;
  if (shows(row)) add(std::move(row));
  if (!ended_ && looked >= most_walked()) end_behind(place);
}

void ListingPage::take_all(std::vector<UpdateLog::ConversationSummary> rows) {
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.place > b.place; });
  for (auto& row : rows) {
    if (ended_) return;
    if (shows(row)) add(std::move(row));
  }
}

bool ListingPage::shows(const UpdateLog::ConversationSummary& row) const {
  if (row.head == 0 || (row.visibility == domain::Visibility::restricted && !row.member)) return false;
  if (request_.behind && request_.behind->place && row.place >= *request_.behind->place) return false;
  if (request_.behind && request_.behind->before && row.last_activity >= *request_.behind->before) return false;
  return !request_.shown || request_.shown->allow(row.key.value());
}

void ListingPage::add(UpdateLog::ConversationSummary row) {
  const auto place = row.place;
  const auto title = row.title ? std::string_view{row.title->value()} : std::string_view{};
  if (!text_.admits({row.key.value(), title})) return end_behind(place + 1);  // the next page begins with this row
  page_.conversations.push_back(std::move(row));
  if (page_.conversations.size() == request_.limit) end_behind(place);
}

void ListingPage::end_behind(std::uint64_t place) {
  ended_ = true;
  page_.next = UpdateLog::ConversationMark{place, request_.behind ? request_.behind->before : std::nullopt};
}

namespace {

/// The keys that the grants of `who` allow to read; absent: all.
std::optional<domain::KeyPatterns> readable_by(const domain::Credential& who) {
  if (who.anonymous || !who.grants) return std::nullopt;
  std::vector<std::string> patterns;
  for (const auto& grant : *who.grants) {
    const auto& verbs = grant.verbs;
    if (std::find(verbs.begin(), verbs.end(), domain::Verb::read) != verbs.end()) patterns.push_back(grant.pattern);
  }
  return domain::KeyPatterns{std::move(patterns)};
}

}  // namespace

Async<Result<UpdateLog::Listing>> ListConversations::execute(std::optional<UpdateLog::ConversationMark> behind,
                                                             std::size_t limit, domain::Credential who,
                                                             std::optional<domain::Position> seen) const {
  if (auto ok = parse_limit(limit, kMaxLimit); !ok) co_return fail(std::move(ok).error());
  UpdateLog::ListingRequest request{who.company, member_name(who), readable_by(who), behind, limit};
  co_return co_await log_.conversations(std::move(request), Freshness::after(std::move(seen)));
}

namespace {

/// A change that passed all checks for which the database is not needed.
struct Planned {
  ConversationRepository::Change change;
  domain::UserId user;
  ConversationRepository::Rule rule;
};

using Permission = Result<void> (domain::Conversation::*)(const domain::Credential&, const domain::Membership&,
                                                          const domain::UserId&) const;

/// Joining and leaving differ only in the permission that the conversation gives.
Result<Planned> plan(const ConversationChangeNeeds& needs, MembershipInput input, const domain::Credential& who,
                     Permission permission) {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                domain::UserId::parse(std::move(input.user_id)));
  if (!parsed) return fail(std::move(parsed).error());
  const auto& [conversation, user] = *parsed;
  if (auto allowed = require_change(who, conversation); !allowed) return fail(std::move(allowed).error());
  ConversationRepository::Change change{who.company,      conversation,   who.user, needs.clock.now(),
                                        needs.ids.next(), domain::Uuid{}, {}};
  ConversationRepository::Rule rule = [who, user = user, permission, precondition = std::move(input.precondition)](
                                          const ConversationRepository::AccessContext& view) -> Result<void> {
    if (auto allowed = (view.conversation.*permission)(who, view.membership, user); !allowed) return allowed;
    return require(precondition, {.exists = view.member.has_value()});
  };
  return Planned{std::move(change), user, std::move(rule)};
}

}  // namespace

Async<Result<JoinConversation::Output>> JoinConversation::execute(Input input, domain::Credential who) const {
  auto planned = plan(needs_, std::move(input), who, &domain::Conversation::admit);
  if (!planned) co_return fail(std::move(planned).error());
  auto& [change, user, rule] = *planned;
  auto joined = co_await needs_.conversations.join(std::move(change), std::move(user), std::move(rule));
  if (!joined) co_return fail(std::move(joined).error());
  if (joined->event) needs_.events.publish(*joined->event, joined->position.epoch);
  co_return Output{std::move(joined->member), joined->event.has_value(), std::move(joined->position)};
}

Async<Result<LeaveConversation::Output>> LeaveConversation::execute(Input input, domain::Credential who) const {
  auto planned = plan(needs_, std::move(input), who, &domain::Conversation::dismiss);
  if (!planned) co_return fail(std::move(planned).error());
  auto& [change, user, rule] = *planned;
  auto left = co_await needs_.conversations.leave(std::move(change), std::move(user), std::move(rule));
  if (!left) co_return fail(std::move(left).error());
  if (left->event) needs_.events.publish(*left->event, left->position.epoch);
  co_return Output{left->event.has_value(), std::move(left->position)};
}

Async<Result<ConversationRepository::Members>> ListMembers::execute(Input input, domain::Credential who) const {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                parse_limit(input.limit, kMaxLimit));
  if (!parsed) co_return fail(std::move(parsed).error());
  const auto& conversation = std::get<0>(*parsed);
  if (auto allowed = require(who, domain::Verb::read, conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  auto found =
      co_await conversations_.members(who.company, conversation, member_name(who), std::move(input.after), input.limit);
  if (!found) co_return fail(std::move(found).error());
  // Members and access are of one snapshot, so the page cannot leak members to a caller who has just left.
  const auto& view = found->view;
  if (auto entered = view.conversation.enter(view.membership); !entered) co_return fail(std::move(entered).error());
  co_return std::move(found);
}

Async<Result<GetPresence::Output>> GetPresence::execute(Input input, domain::Credential who) const {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                parse_limit(input.limit, kMaxLimit));
  if (!parsed) co_return fail(std::move(parsed).error());
  auto& [conversation, limit] = *parsed;
  if (auto allowed = require(who, domain::Verb::read, conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  auto channel = domain::ChannelKey::conversation(who.company, conversation);
  auto page = co_await presence_.present(std::move(channel), std::move(input.after), limit);
  ConversationFacts::Wanted wanted;
  const auto entered = co_await access_.require_reader(who, conversation, std::move(wanted));
  if (!entered) co_return fail(entered.error());
  co_return Output{std::move(conversation), std::move(page)};
}

}  // namespace danwa::usecase
