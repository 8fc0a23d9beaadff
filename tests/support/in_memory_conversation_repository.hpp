#pragma once

#include <algorithm>
#include <set>

#include "support/in_memory_log.hpp"
#include "usecase/ports/paging.hpp"
#include "usecase/ports/repositories.hpp"

namespace danwa::tests {

/// Rooms without a database; passes the same contract. Thread safe.
class InMemoryConversationRepository final : public usecase::ConversationRepository {
 public:
  template <class T>
  using Answer = usecase::Async<domain::Result<T>>;

  explicit InMemoryConversationRepository(InMemoryLog& log) : log_{log} {}

  Answer<AccessContext> view(domain::CompanyId company, domain::ConversationKey conversation,
                             domain::UserId user) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    co_return log_.view(domain::ChannelKey::conversation(company, conversation), user);
  }

  Answer<Configured> configure(Change change, Settings settings, SettingsRule rule) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    domain::ConfigureFacts facts{log_.view(channel_of(change), change.by), {}, {}};
    facts.view.membership.alone = has_for_itself(change);
    if (const domain::Member* self = member(change, change.by)) facts.self = *self;
    if (may_close(facts.view.conversation, settings)) {
      const auto authors = authors_outside(change, facts.view.head);
      facts.authors.assign(authors.begin(), authors.end());
    }
    auto decided = domain::decide_configure(std::move(facts), change, settings, rule);
    if (!decided) co_return domain::fail(std::move(decided).error());
    for (const auto& joined : decided->joined) log_.write(joined);
    if (decided->changed) {
      log_.write(*decided->changed);
      auto& channel = log_.channels.at(channel_of(change));
      for (const auto& person : decided->members) channel.members.insert_or_assign(person.user, person);
      channel.title = decided->changed->conversation.title;
      channel.visibility = decided->changed->conversation.visibility;
    }
    co_return Configured{std::move(decided->view), decided->created, std::move(decided->joined),
                         std::move(decided->changed), log_.now()};
  }

  Answer<Joined> join(Change change, domain::UserId user, Rule rule) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    auto decided = domain::decide_join(view_about(change, user), change, user, rule);
    if (!decided) co_return domain::fail(std::move(decided).error());
    if (decided->event) {
      log_.write(*decided->event);
      log_.channels.at(channel_of(change)).members.emplace(user, decided->member);
    }
    co_return Joined{std::move(decided->member), std::move(decided->event), log_.now()};
  }

  Answer<Left> leave(Change change, domain::UserId user, Rule rule) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    auto decided = domain::decide_leave(view_about(change, user), change, user, rule);
    if (!decided) co_return domain::fail(std::move(decided).error());
    if (*decided) {
      log_.write(**decided);
      log_.channels.at(channel_of(change)).members.erase(user);
    }
    co_return Left{std::move(*decided), log_.now()};
  }

  Answer<Members> members(domain::CompanyId company, domain::ConversationKey conversation, domain::UserId viewer,
                          std::optional<domain::UserId> after, std::size_t limit) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    const auto key = domain::ChannelKey::conversation(company, conversation);
    Members page{{}, false, log_.view(key, viewer)};
    const auto found = log_.channels.find(key);
    if (found == log_.channels.end()) co_return page;
    usecase::PageText text{usecase::PageSize::kText};
    for (const auto& [name, person] : found->second.members) {
      if (after && name <= *after) continue;
      page.more = page.members.size() == limit || !text.admits({name.value()});
      if (page.more) break;
      page.members.push_back(person);
    }
    co_return page;
  }

 private:
  AccessContext view_about(const Change& change, const domain::UserId& user) const {
    auto seen = log_.view(channel_of(change), change.by);
    if (const domain::Member* about = member(change, user)) seen.member = *about;
    return seen;
  }

  bool has_for_itself(const Change& change) const {
    const auto found = log_.channels.find(channel_of(change));
    if (found == log_.channels.end()) return true;
    const auto& [writers, members] = std::tie(found->second.writers, found->second.members);
    const auto other = [&](const auto& member) { return member.first != change.by; };
    return !writers.others_than(change.by) && std::none_of(members.begin(), members.end(), other);
  }

  /// Who has a comment among the last updates up to `head`, is no member, and was not turned out in them.
  std::set<domain::UserId> authors_outside(const Change& change, domain::Seq head) const {
    std::set<domain::UserId> authors;
    const auto found = log_.channels.find(channel_of(change));
    for (const auto& [id, row] : log_.comments) {
      const domain::Comment& made = row.comment;
      const bool here = made.company == change.company && made.conversation == change.conversation;
      if (!here || row.removed || made.seq + domain::kKeptAuthorsWithin <= head) continue;
      if (!found->second.members.contains(made.author)) authors.insert(made.author);
    }
    if (found == log_.channels.end()) return authors;
    for (const auto& update : found->second.updates) {
      const auto* left = std::get_if<domain::MemberRemoved>(&update.body);
      const bool lately = update.seq + domain::kKeptAuthorsWithin > head;
      if (left != nullptr && lately && left->by != left->user) authors.erase(left->user);
    }
    return authors;
  }

  const domain::Member* member(const Change& change, const domain::UserId& user) const {
    const auto channel = log_.channels.find(channel_of(change));
    if (channel == log_.channels.end()) return nullptr;
    const auto found = channel->second.members.find(user);
    return found == channel->second.members.end() ? nullptr : &found->second;
  }

  InMemoryLog& log_;
};

}  // namespace danwa::tests
