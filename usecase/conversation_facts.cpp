#include "usecase/conversation_facts.hpp"

#include <algorithm>
#include <utility>

// Facts and log move together. A view of the master holds for one seq of the conversation's log. From there on each
// update in turn either changes who may enter or does not, so the view holds for its seq, too. An update that comes
// early waits for those before it. A head of the log that the updates do not reach means that some were missed: the
// facts answer nothing until a new view has caught up.
//
//      view as of 7      update 8      update 10 (waits)    update 9           head 12
//     ──────────────> 7 ──────────> 8 ────────────────> 8 ──────────> 10 ───────────────> silent until a view as of 12

namespace danwa::usecase {

using domain::Seq;

KnownConversation::Change KnownConversation::change_of(const domain::UpdateBody& body) {
  if (const auto* added = std::get_if<domain::MemberAdded>(&body)) return {.added = added->user};
  if (const auto* removed = std::get_if<domain::MemberRemoved>(&body)) return {.removed = removed->user};
  if (const auto* set = std::get_if<domain::ConversationUpdated>(&body)) return {.visibility = set->visibility};
  return {};
}

void KnownConversation::hear(const domain::Update& update) {
  if (known_ && update.seq <= as_of_) return;
  auto change = change_of(update.body);
  if (known_ && update.seq == as_of_ + 1) {
    apply(update.seq, change);
    return catch_up();
  }
  if (change.any()) grown(update.seq);  // silent until the ones before it are here
  early_.emplace(update.seq, std::move(change));
  if (early_.size() <= kMostEarly) return;
  grown(early_.rbegin()->first);
  early_.erase(early_.begin());
}

void KnownConversation::apply(Seq seq, const Change& change) {
  as_of_ = seq;
  if (!change.any()) return;
  changed_at_ = seq;
  if (change.visibility) visibility_ = *change.visibility;
  if (change.added) note(*change.added, true);
  if (change.removed) note(*change.removed, false);
}

void KnownConversation::catch_up() {
  early_.erase(early_.begin(), early_.upper_bound(as_of_));
  while (!early_.empty() && early_.begin()->first == as_of_ + 1) {
    const auto next = early_.extract(early_.begin());
    apply(next.key(), next.mapped());
  }
}

/// Makes the view the present one if it is not older. True: what it says of a person holds at `as_of` too.
bool KnownConversation::take_view(const domain::ConversationView& view) {
  const bool same_log = known_ && epoch_ == view.epoch;
  if (same_log && view.head <= as_of_) return view.head >= changed_at_;
  if (known_ && !same_log) early_.clear(), log_head_ = 0;
  known_ = true;
  epoch_ = view.epoch;
  as_of_ = changed_at_ = view.head;
  visibility_ = view.conversation.visibility;
  all_known_ = false;
  people_.clear();
  return true;
}

void KnownConversation::learn(const domain::UserId& user, const domain::ConversationView& view) {
  if (take_view(view)) note(user, view.membership.role.has_value());
  catch_up();
}

void KnownConversation::learn_all(const std::vector<domain::Member>& members, const domain::ConversationView& view) {
  if (take_view(view)) {
    people_.clear();
    for (const auto& member : members) people_.emplace(member.user, true);
    all_known_ = true;
  }
  catch_up();
}

void KnownConversation::note(const domain::UserId& user, bool member) {
  if (people_.size() >= kMostPeople) {
    people_.clear();
    all_known_ = false;
  }
  people_.insert_or_assign(user, member);
}

std::optional<bool> KnownConversation::admits(const domain::UserId& user) const {
  if (visibility_ == domain::Visibility::open) return true;
  const auto found = people_.find(user);
  if (found != people_.end()) return found->second;
  return all_known_ ? std::optional{false} : std::nullopt;
}

std::optional<ConversationFacts::Access> ConversationFacts::find(const domain::ChannelKey& conversation,
                                                                 const domain::UserId& user, const Wanted& wanted,
                                                                 Time now) {
  const auto last = looked();
  if (last.at == Time{} || now - last.at > kFresh) return std::nullopt;
  if (wanted.seen && !(last.number && domain::Position{last.epoch, *last.number}.covers(*wanted.seen))) {
    return std::nullopt;
  }
  Shard& shard = shard_of(conversation);
  const std::lock_guard lock{shard.mutex};
  const KnownConversation* const facts = known(shard, conversation);
  if (facts == nullptr || !facts->up_to_date() || facts->epoch() != last.epoch || facts->as_of() < wanted.at_least) {
    return std::nullopt;
  }
  if (!facts->admits(user).value_or(false)) return std::nullopt;
  shard.used.splice(shard.used.begin(), shard.used, shard.places.at(conversation));
  return Access{facts->as_of(), facts->epoch()};
}

std::optional<Seq> ConversationFacts::head(const domain::ChannelKey& conversation) {
  Shard& shard = shard_of(conversation);
  const std::lock_guard lock{shard.mutex};
  const auto* const facts = known(shard, conversation);
  return facts == nullptr ? std::nullopt : std::optional{facts->head()};
}

bool ConversationFacts::knows_members(const domain::ChannelKey& conversation) {
  Shard& shard = shard_of(conversation);
  const std::lock_guard lock{shard.mutex};
  const auto* const facts = known(shard, conversation);
  return facts != nullptr && facts->knows_members();
}

void ConversationFacts::learn(const domain::ChannelKey& conversation, const domain::UserId& user,
                              const domain::ConversationView& view) {
  Shard& shard = shard_of(conversation);
  const std::lock_guard lock{shard.mutex};
  place(shard, conversation).learn(user, view);
}

void ConversationFacts::learn_all(const domain::ChannelKey& conversation,
                                  const ConversationRepository::Members& members) {
  if (members.more) return;
  Shard& shard = shard_of(conversation);
  const std::lock_guard lock{shard.mutex};
  place(shard, conversation).learn_all(members.members, members.view);
}

void ConversationFacts::hear(const domain::Update& update, const domain::Epoch& epoch) {
  if (update.channel.kind != domain::ChannelKind::conversation) return;
  Shard& shard = shard_of(update.channel);
  const std::lock_guard lock{shard.mutex};
  KnownConversation* const facts = known(shard, update.channel);
  if (facts == nullptr) return;
  const bool foreign = !epoch.empty() && !facts->epoch().empty() && epoch != facts->epoch();
  if (!foreign) facts->hear(update);
}

void ConversationFacts::grown(const domain::ChannelKey& channel, Seq head) {
  Shard& shard = shard_of(channel);
  const std::lock_guard lock{shard.mutex};
  if (auto* const facts = known(shard, channel)) facts->grown(head);
}

void ConversationFacts::replaced(const domain::Epoch& epoch) {
  {
    const std::lock_guard lock{looked_mutex_};
    looked_ = {.at = {}, .epoch = epoch, .number = std::nullopt};
  }
  for (auto& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    shard.places.clear();
    shard.used.clear();
  }
}

void ConversationFacts::looked(const domain::Epoch& epoch, std::optional<std::uint64_t> number, Time now) {
  const std::lock_guard lock{looked_mutex_};
  looked_ = {now, epoch, number};
}

ConversationFacts::Looked ConversationFacts::looked() const {
  const std::lock_guard lock{looked_mutex_};
  return looked_;
}

KnownConversation* ConversationFacts::known(Shard& shard, const domain::ChannelKey& conversation) {
  const auto found = shard.places.find(conversation);
  return found == shard.places.end() ? nullptr : &found->second->known;
}

KnownConversation& ConversationFacts::place(Shard& shard, const domain::ChannelKey& conversation) {
  if (auto* const facts = known(shard, conversation)) return *facts;
  if (shard.places.size() >= kMostOfShard) {
    shard.places.erase(shard.used.back().key);
    shard.used.pop_back();
  }
  shard.used.push_front({conversation, {}});
  shard.places.emplace(conversation, shard.used.begin());
  return shard.used.front().known;
}

/// The place is made before the read, so that it hears what comes meanwhile.
Async<domain::Result<std::optional<ConversationFacts::Reading>>> ConversationFacts::begin(
    domain::ChannelKey conversation) {
  Shard& shard = shard_of(conversation);
  {
    const std::lock_guard lock{shard.mutex};
    if (shard.readings.try_emplace(conversation).second) {
      place(shard, conversation);
      co_return std::optional<Reading>{std::in_place, *this, std::move(conversation)};
    }
  }
  auto wait = [&shard, &conversation](auto resume) {
    {
      const std::lock_guard lock{shard.mutex};
      const auto reading = shard.readings.find(conversation);
      if (reading != shard.readings.end()) return reading->second.push_back(std::move(resume));
    }
    resume(std::nullopt);  // it has ended meanwhile
  };
  auto failure = co_await suspend_until<std::optional<domain::Errors>>(std::move(wait));
  if (failure) co_return domain::fail(std::move(*failure));
  co_return std::optional<Reading>{};
}

void ConversationFacts::end(const domain::ChannelKey& conversation, const std::optional<domain::Errors>& failure) {
  Shard& shard = shard_of(conversation);
  std::vector<Resume> waiting;
  {
    const std::lock_guard lock{shard.mutex};
    if (auto ended = shard.readings.extract(conversation)) waiting = std::move(ended.mapped());
  }
  for (const auto& resume : waiting) resume(failure);
}

}  // namespace danwa::usecase
