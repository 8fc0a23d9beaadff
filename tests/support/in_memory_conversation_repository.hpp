#pragma once

#include <algorithm>
#include <set>

#include "support/in_memory_log.hpp"
#include "usecase/page_text.hpp"
#include "usecase/ports/conversation_repository.hpp"

namespace danwa::tests {

/// Rooms without a database; passes the same contract. Thread safe.
class InMemoryConversationRepository final : public usecase::ConversationRepository {
 public:
  template <class T>
  using Answer = usecase::Async<domain::Result<T>>;

  explicit InMemoryConversationRepository(InMemoryLog& log) : log_{log} {}

  Answer<View> view(domain::CompanyId company, domain::ConversationKey conversation, domain::UserId user) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    co_return log_.view(domain::ChannelKey::conversation(company, conversation), user);
  }

  Answer<Configured> configure(Change change, Settings settings, SettingsRule rule) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    auto before = log_.view(key_of(change), change.by);
    before.standing.alone = has_for_itself(change);
    auto decided = rule(before, settings);
    if (!decided) co_return domain::fail(std::move(decided).error());
    Configured done{before, !before.exists, {}, std::nullopt, log_.now()};
    if (!decided->changes) co_return done;
    if (decided->claims) {
      if (!before.standing.role) done.joined.push_back(add(change, change.second_event, change.by));
      log_.channels.at(key_of(change)).members.at(change.by).role = domain::MemberRole::owner;
    }
    if (decided->closes) {
      for (const auto& author : authors_outside(change, before.head)) {
        done.joined.push_back(add(change, change.more_events(), author));
      }
    }
    auto& channel = log_.channels[key_of(change)];
    channel.title = decided->next.title;
    channel.visibility = decided->next.visibility;
    const auto seq =
        log_.append(key_of(change), change.now,
                    domain::ConversationUpdated{change.event, channel.title, channel.visibility, change.by});
    done.changed = domain::ConversationChanged{change.event, std::move(decided->next), change.by, seq, change.now};
    done.view = log_.view(key_of(change), change.by);
    done.position = log_.now();
    co_return done;
  }

  Answer<Joined> join(Change change, domain::UserId user, Rule rule) override {
    const std::scoped_lock lock{log_.mutex};
    const auto before = ask(change, rule, member(change, user));
    if (!before) co_return domain::fail(before.error());
    if (const domain::Member* present = member(change, user)) co_return Joined{*present, std::nullopt, log_.now()};
    auto joined = add(change, change.event, user);
    co_return Joined{*member(change, user), std::move(joined), log_.now()};
  }

  Answer<Left> leave(Change change, domain::UserId user, Rule rule) override {
    const std::scoped_lock lock{log_.mutex};
    const auto before = ask(change, rule, member(change, user));
    if (!before) co_return domain::fail(before.error());
    if (member(change, user) == nullptr) co_return Left{std::nullopt, log_.now()};
    const auto seq = log_.append(key_of(change), change.now, domain::MemberRemoved{change.event, user, change.by});
    log_.channels.at(key_of(change)).members.erase(user);
    co_return Left{
        domain::MemberLeft{change.event, change.company, change.conversation, user, change.by, seq, change.now},
        log_.now()};
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
  static domain::ChannelKey key_of(const Change& change) {
    return domain::ChannelKey::conversation(change.company, change.conversation);
  }

  domain::Result<View> ask(const Change& change, const Rule& rule, const domain::Member* about = nullptr) const {
    if (auto refused = log_.refusal()) return domain::fail(std::move(*refused));
    auto seen = log_.view(key_of(change), change.by);
    if (about != nullptr) seen.member = *about;
    if (auto allowed = rule(seen); !allowed) return domain::fail(std::move(allowed).error());
    return seen;
  }

  bool has_for_itself(const Change& change) const {
    const auto found = log_.channels.find(key_of(change));
    if (found == log_.channels.end()) return true;
    const auto& [writers, members] = std::tie(found->second.writers, found->second.members);
    const auto other = [&](const auto& member) { return member.first != change.by; };
    return !writers.others_than(change.by) && std::none_of(members.begin(), members.end(), other);
  }

  /// Who has a comment among the last updates up to `head`, is no member, and was not turned out in them.
  std::set<domain::UserId> authors_outside(const Change& change, domain::Seq head) const {
    std::set<domain::UserId> authors;
    const auto found = log_.channels.find(key_of(change));
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

  domain::Member* member(const Change& change, const domain::UserId& user) {
    const auto channel = log_.channels.find(key_of(change));
    if (channel == log_.channels.end()) return nullptr;
    const auto found = channel->second.members.find(user);
    return found == channel->second.members.end() ? nullptr : &found->second;
  }

  domain::MemberJoined add(const Change& change, const domain::Uuid& event, const domain::UserId& user) {
    const auto seq = log_.append(key_of(change), change.now, domain::MemberAdded{event, user, change.by});
    const domain::Member made{user, domain::MemberRole::member, change.now, seq};
    log_.channels.at(key_of(change)).members.emplace(user, made);
    return domain::MemberJoined{event, change.company, change.conversation, user, change.by, seq, change.now};
  }

  InMemoryLog& log_;
};

}  // namespace danwa::tests
