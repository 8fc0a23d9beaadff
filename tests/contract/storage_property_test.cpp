#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "contract/storage_backend.hpp"
#include "contract/storage_describe.hpp"

// Random histories of operations: every database must answer each of them as the in-memory model does.
namespace danwa::tests {
namespace {

enum class Kind { add, edit, remove, list, read, conversations, join, leave, configure, members, notify };

/// One operation, drawn at random; told the same to both sides.
struct Step {
  Kind kind;
  std::uint64_t target;  ///< which comment, of those made, or whom
  std::uint64_t room;
  std::uint64_t author;
  std::uint64_t key;  ///< 0: none
  std::uint64_t low;
  std::uint64_t high;
  std::size_t limit;
};

rc::Gen<Step> any_step() {
  const auto below = [](std::uint64_t n) { return rc::gen::inRange<std::uint64_t>(0, n); };
  const auto kind = rc::gen::weightedElement<Kind>({{4, Kind::add},
                                                    {2, Kind::edit},
                                                    {1, Kind::remove},
                                                    {1, Kind::list},
                                                    {1, Kind::read},
                                                    {1, Kind::conversations},
                                                    {2, Kind::join},
                                                    {2, Kind::leave},
                                                    {2, Kind::configure},
                                                    {1, Kind::members},
                                                    {1, Kind::notify}});
  return rc::gen::construct<Step>(kind, below(30), below(3), below(3), below(4), below(40), below(40),
                                  rc::gen::inRange<std::size_t>(1, 12));
}

/// One side of the comparison: performs steps one after the other.
class Side {
 public:
  explicit Side(Backend& backend) : storage_{backend.comments(), backend.log(), backend.rooms(), backend.notices()} {}

  /// What the storage answers to `step`, the `n`th; two steps each are of the same time.
  std::string perform(const Step& step, std::uint64_t n) {
    now_ = at(1'700'000'000'000 + static_cast<std::int64_t>(n / 2) * 17'000);
    switch (step.kind) {
      case Kind::add:
        return add(step, n);
      case Kind::edit:
      case Kind::remove:
        return change_comment(step, n);
      case Kind::list:
      case Kind::read:
      case Kind::conversations:
        return read(step);
      case Kind::join:
      case Kind::leave:
      case Kind::configure:
        return change_room(step);
      case Kind::members:
        return members(step);
      case Kind::notify:
        return notify(step, n);
    }
    return "";
  }

  /// Who is in `room` by its list of members, and by what its log tells.
  std::pair<std::set<domain::UserId>, std::set<domain::UserId>> people(std::uint64_t room) {
    std::set<domain::UserId> listed;
    std::set<domain::UserId> told;
    const auto members = storage_.members({}, 1000, user(), key_of(room));
    for (const auto& member : members->members) listed.insert(member.user);
    const auto log = storage_.read(1, domain::kMaxSeq, 1000, channel_of(room));
    for (const auto& update : log->updates) {
      if (const auto* joined = std::get_if<domain::MemberAdded>(&update.body)) told.insert(joined->user);
      if (const auto* left = std::get_if<domain::MemberRemoved>(&update.body)) told.erase(left->user);
    }
    return {listed, told};
  }

 private:
  static domain::ConversationKey key_of(std::uint64_t room) { return conversation("room-" + std::to_string(room)); }
  static domain::ChannelKey channel_of(std::uint64_t room) {
    return domain::ChannelKey::conversation(company(), key_of(room));
  }
  static domain::UserId person(std::uint64_t n) { return user("user-" + std::to_string(n % 3)); }
  static std::optional<usecase::IdempotencyKey> request_of(const Step& step) {
    if (step.key == 0) return std::nullopt;
    return usecase::IdempotencyKey{"key-" + std::to_string(step.key), "hash-" + std::to_string(step.high % 2)};
  }

  std::string add(const Step& step, std::uint64_t n) {
    domain::Comment made = comment(n, "text " + std::to_string(step.high));
    made.conversation = key_of(step.room);
    made.author = person(step.author);
    made.created_at = made.updated_at = now_;
    return describe(storage_.add(std::move(made), request_of(step)));
  }

  std::string change_comment(const Step& step, std::uint64_t n) {
    const auto who = person(step.author);
    const bool redact = step.low % 3 == 0;
    if (step.kind == Kind::edit) {
      auto edit = [&](const domain::Comment& c) {
        return c.edited(who, domain::CommentContent::trusted("edit " + std::to_string(n)), std::nullopt, now_, redact);
      };
      const auto earlier = redact ? Storage::kGo : Storage::kStay;
      return describe(storage_.modify(comment_id(step.target), edit, who, earlier));
    }
    const bool moderates = step.low % 4 == 0;
    const usecase::CommentRepository::Check check = [&](const domain::Comment& c, const auto& entered) {
      auto removable = c.removable(who, std::nullopt, moderates);
      return moderates ? removable : Storage::told_inside(entered, removable);
    };
    return describe(Storage::event_of(storage_.remove_by(comment_id(step.target), now_, check, company(), who)));
  }

  std::string read(const Step& step) {
    if (step.kind == Kind::list) {
      const auto after = step.key % 2 ? std::optional{step.low} : std::nullopt;
      const auto before = step.key > 1 ? std::optional{step.high} : std::nullopt;
      return describe(storage_.list({after, before, step.limit}, key_of(step.room)));
    }
    if (step.kind == Kind::read) {
      return describe(storage_.read(step.low, step.high, step.limit, channel_of(step.room)));
    }
    std::optional<usecase::UpdateLog::ConversationMark> behind;
    if (step.key == 1) behind.emplace().before = now_ - std::chrono::seconds{step.low * 17};
    if (step.key > 1) behind = place_behind(step.room, person(step.author));
    return describe(storage_.conversations(behind, step.limit, person(step.author))) +
           describe(storage_.find(comment_id(step.target)));
  }

  /// Behind the conversation at `row` of the list; places differ between implementations.
  std::optional<usecase::UpdateLog::ConversationMark> place_behind(std::size_t row, const domain::UserId& viewer) {
    const auto all = storage_.conversations(std::nullopt, 1000, viewer);
    if (row >= all->size()) return std::nullopt;
    return usecase::UpdateLog::ConversationMark{.place = all->at(row).place};
  }

  std::string change_room(const Step& step) {
    domain::Credential caller{company(), person(step.author), {}, {}, {}, false};
    if (step.low % 4 == 0) caller = moderator(caller.user.value());
    const auto whom = person(step.target);
    auto change = storage_.by(caller.user, key_of(step.room));
    change.now = now_;
    if (step.kind == Kind::join) {
      auto rule = [&](const auto& view) { return view.conversation.admit(caller, view.membership, whom); };
      return describe(storage_.join(change, whom, rule));
    }
    if (step.kind == Kind::leave) {
      auto rule = [&](const auto& view) { return view.conversation.dismiss(caller, view.membership, whom); };
      return describe(storage_.leave(change, whom, rule));
    }
    usecase::ConversationRepository::Settings settings;
    if (step.key % 2) settings.title = domain::ConversationTitle::trusted("title " + std::to_string(step.low % 3));
    if (step.key == 2) settings.title.emplace(std::nullopt);
    if (step.high % 3 > 0) settings.visibility = static_cast<domain::Visibility>(step.high % 3 - 1);
    auto rule = [&](const auto& view, const auto& wanted) {
      return view.conversation.configured(caller, view.membership, wanted);
    };
    return describe(storage_.configure(change, settings, rule));
  }

  std::string members(const Step& step) {
    const auto after = step.key > 0 ? std::optional{person(step.key)} : std::nullopt;
    return describe(storage_.members(after, step.limit, person(step.author), key_of(step.room))) +
           describe(storage_.view(person(step.target), key_of(step.room)));
  }

  std::string notify(const Step& step, std::uint64_t n) {
    const auto inbox = step.room == 0 ? domain::ChannelKey::inbox(company())
                                      : domain::ChannelKey::inbox(company(), person(step.target));
    auto made = notification(n, inbox, "text " + std::to_string(step.high));
    made.sender = person(step.author);
    made.created_at = now_;
    return describe(storage_.notify(std::move(made), request_of(step))) +
           describe(storage_.read(1, domain::kMaxSeq, 1000, inbox));
  }

  domain::Timestamp now_{};
  Storage storage_;
};

template <class Database>
void answers_as_the_model_does() {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  Database database;
  InMemoryBackend memory;
  Side model{memory};
  Side real{database};
  std::uint64_t n = 0;
  for (const auto& step : steps) {
    const auto said = real.perform(step, n);
    const auto expected = model.perform(step, n);
    RC_ASSERT(said == expected);
    ++n;
  }
  for (std::uint64_t room = 0; room < 3; ++room) {
    const auto [listed, told] = real.people(room);
    RC_ASSERT(listed == told);
  }
  database.stop();  // before the io_context that it posts to goes
}

RC_GTEST_PROP(StorageProperty, SqliteAnswersAsTheModelDoes, ()) { answers_as_the_model_does<SqliteBackend>(); }

#ifdef DANWA_POSTGRES
RC_GTEST_PROP(StorageProperty, PostgresAnswersAsTheModelDoes, ()) { answers_as_the_model_does<PostgresBackend>(); }
#endif

}  // namespace
}  // namespace danwa::tests
