#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>
#include <string>
#include <vector>

#include "contract/storage_backend.hpp"

// The list of conversations, as every implementation of the update log gives it.
namespace danwa::tests {
namespace {

using Mark = usecase::UpdateLog::ConversationMark;
using Settings = usecase::ConversationRepository::Settings;
using Names = std::vector<std::string>;

const std::string kAccented =
    "t\xC3\xA9"
    "am-1";

class ConversationListing : public StorageTest {
 protected:
  /// Posts into `room` at `time`.
  void post(const std::string& room, domain::Timestamp time) {
    auto made = comment(++posts_);
    made.conversation = conversation(room);
    made.created_at = time;
    ASSERT_TRUE(storage_.add(made));
  }
  Names listed(std::optional<Mark> behind, std::size_t limit, const std::string& viewer = "ann") {
    Names names;
    const auto page = storage_.conversations(std::move(behind), limit, user(viewer));
    for (const auto& found : *page) names.push_back(found.key.value());
    return names;
  }

  /// One comment in each of these rooms, `first` to `last`.
  void post_many(const std::string& prefix, int first, int last) {
    std::vector<std::future<domain::Result<usecase::CommentRepository::Added>>> posts;
    for (int n = first; n <= last; ++n) {
      auto made = comment(++posts_);
      made.conversation = conversation(prefix + std::to_string(n));
      posts.push_back(storage_.start_add(made));
    }
    for (auto& added : posts) ASSERT_TRUE(added.get());
  }
  usecase::UpdateLog::Listing shown(std::vector<std::string> patterns, std::size_t limit,
                                    std::optional<Mark> behind = std::nullopt) {
    return storage_
        .listing(usecase::UpdateLog::ListingRequest{company(), user(), domain::KeyPatterns{std::move(patterns)},
                                                    std::move(behind), limit})
        .value();
  }
  static Names names_of(const usecase::UpdateLog::Listing& listing) {
    Names names;
    for (const auto& found : listing.conversations) names.push_back(found.key.value());
    return names;
  }

  std::uint64_t posts_ = 0;
};

TEST_P(ConversationListing, ShowsTheKeysOfPatternsAlone) {
  for (const auto& room : Names{"team-1", "teal", "team-2", "lobby", "TEAM-1", "team-", "team.", kAccented}) {
    post(room, at(1'000'000'000));
  }
  EXPECT_EQ(names_of(shown({"team-*"}, 10)), (Names{"team-", "team-2", "team-1"}));
  EXPECT_EQ(names_of(shown({"team-*", "lobby", "team-1"}, 10)), (Names{"team-", "lobby", "team-2", "team-1"}));
  EXPECT_EQ(names_of(shown({"te*1"}, 10)), (Names{"team-1"}));
  EXPECT_EQ(names_of(shown({"*am-1"}, 10)), (Names{kAccented, "team-1"}));
  EXPECT_EQ(names_of(shown({"\xF4\x8F\xBF\xBF*", "teal"}, 10)), (Names{"teal"}));
  EXPECT_EQ(names_of(shown({}, 10)), (Names{}));
  EXPECT_EQ(shown({"*"}, 10).conversations.size(), 8u);
}

TEST_P(ConversationListing, GoesOnBehindAPageOfPatterns) {
  for (int n = 1; n <= 5; ++n) post("team-" + std::to_string(n), at(1'000'000'000));
  const auto first = shown({"team-*"}, 2);
  EXPECT_EQ(names_of(first), (Names{"team-5", "team-4"}));
  ASSERT_TRUE(first.next);
  const auto second = shown({"team-*"}, 2, first.next);
  EXPECT_EQ(names_of(second), (Names{"team-3", "team-2"}));
  EXPECT_EQ(names_of(shown({"team-*"}, 2, second.next)), (Names{"team-1"}));
}

TEST_P(ConversationListing, HidesAPrivateOneFromPatternsToo) {
  ASSERT_TRUE(storage_.configure(storage_.by(user("bob"), conversation("team-vault")),
                                 Settings{std::nullopt, domain::Visibility::restricted}));
  EXPECT_TRUE(shown({"team-*"}, 10).conversations.empty());
  EXPECT_TRUE(shown({"*vault"}, 10).conversations.empty());
}

TEST_P(ConversationListing, LooksAtABoundedNumberAPageAndMissesNone) {
  post_many("found-", 1, 3);
  post_many("other-", 1, 1'200);
  EXPECT_EQ(names_of(shown({"found-*"}, 10)).size(), 3u) << "few in their range: found at once";
  Names all;
  std::size_t pages = 0;
  std::optional<Mark> behind;
  do {
    const auto page = shown({"found-*", "other-1200", "other-*0*0*"}, 1'000, behind);
    for (auto& name : names_of(page)) all.push_back(name);
    behind = page.next;
  } while (behind && ++pages < 10);
  EXPECT_GE(pages, 2u) << "1,203 in the ranges are too many for one page";
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const auto& name) { return name.starts_with("found-"); }), 3);
  EXPECT_EQ(std::count(all.begin(), all.end(), "other-1200"), 1);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size()) << "none twice";
}

TEST_P(ConversationListing, IsByTheNewestUpdate) {
  for (std::int64_t n = 1; n <= 3; ++n) post("room-" + std::to_string(n), at(1'000'000'000 + n * 40'000));
  ASSERT_TRUE(storage_.edit(comment_id(1), "late", at(1'000'500'000)));
  const auto found = storage_.conversations(std::nullopt, 10);
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ(found->at(0).key.value(), "room-1");
  EXPECT_EQ(found->at(0).head, 2u);
  EXPECT_EQ(found->at(0).last_activity, at(1'000'500'000));
  EXPECT_EQ(found->at(1).key.value(), "room-3");
  EXPECT_EQ(found->at(2).key.value(), "room-2");
}

TEST_P(ConversationListing, GoesOnBehindATime) {
  for (std::int64_t n = 1; n <= 3; ++n) post("room-" + std::to_string(n), at(1'000'000'000 + n));
  EXPECT_EQ(listed(std::nullopt, 2), (Names{"room-3", "room-2"}));
  EXPECT_EQ(listed(Mark{.before = at(1'000'000'002)}, 2), (Names{"room-1"}));
}

TEST_P(ConversationListing, SkipsNothingThatIsOfTheSameMillisecond) {
  for (const char* room : {"d", "b", "e", "a", "c"}) post(room, at(1'000'000'000));
  post("later", at(1'000'000'001));
  post("earlier", at(999'999'999));
  Names all;
  std::optional<Mark> behind;
  for (int page = 0; page < 10; ++page) {
    const auto found = storage_.conversations(behind, 2);
    for (const auto& summary : *found) all.push_back(summary.key.value());
    if (found->size() < 2) break;
    behind = Mark{.place = found->back().place};
  }
  EXPECT_EQ(all, (Names{"earlier", "later", "c", "a", "e", "b", "d"}));
}

TEST_P(ConversationListing, IsInTheOrderOfTheLogWhateverTheClocksSay) {
  const auto hour = std::chrono::hours{1};
  const auto now = at(1'700'000'000'000);
  post("a", now);
  post("b", now + hour);
  post("c", now - hour);
  EXPECT_EQ(listed(std::nullopt, 10), (Names{"c", "b", "a"}));
  post("b", now - 2 * hour);
  post("a", now - 3 * hour);
  EXPECT_EQ(listed(std::nullopt, 10), (Names{"a", "b", "c"}));
  ASSERT_TRUE(storage_.edit(comment_id(3), "late", now - 9 * hour));
  EXPECT_EQ(listed(std::nullopt, 10), (Names{"c", "a", "b"}));
  ASSERT_TRUE(storage_.remove(comment_id(2), at(1)));
  EXPECT_EQ(listed(std::nullopt, 10), (Names{"b", "c", "a"}));
  auto joining = storage_.by(user("ann"), conversation("a"));
  joining.now = at(2);
  ASSERT_TRUE(storage_.join(joining, user("ann")));
  EXPECT_EQ(listed(std::nullopt, 10), (Names{"a", "b", "c"}));
}

TEST_P(ConversationListing, KeepsTheLatestActivityThatWasShown) {
  const auto now = at(1'700'000'000'000);
  const auto shown = [&] { return storage_.conversations(std::nullopt, 10)->at(0).last_activity; };
  post("room", now);
  post("room", now - std::chrono::hours{1});
  EXPECT_EQ(shown(), now);
  EXPECT_EQ(storage_.find(comment_id(2))->created_at, now - std::chrono::hours{1});
  EXPECT_EQ(storage_.read(2, 2, 1, domain::ChannelKey::conversation(company(), conversation("room")))
                ->updates.at(0)
                .occurred_at,
            now - std::chrono::hours{1});
  ASSERT_TRUE(storage_.edit(comment_id(1), "late", now - std::chrono::hours{9}));
  ASSERT_TRUE(storage_.remove(comment_id(1), now - std::chrono::hours{10}));
  EXPECT_EQ(shown(), now);
  post("room", now + std::chrono::milliseconds{1});
  EXPECT_EQ(shown(), now + std::chrono::milliseconds{1});
}

TEST_P(ConversationListing, GoesOnFromPageToPageUnderClocksThatDisagree) {
  for (int n = 0; n < 9; ++n) post("room-" + std::to_string(n), at(1'000'000'000 + (n * 7 % 9) * 1000));
  Names all;
  std::optional<Mark> behind;
  for (int page = 0; page < 10; ++page) {
    const auto found = storage_.conversations(behind, 2);
    for (const auto& summary : *found) all.push_back(summary.key.value());
    if (found->size() < 2) break;
    behind = Mark{.place = found->back().place};
  }
  EXPECT_EQ(all, (Names{"room-8", "room-7", "room-6", "room-5", "room-4", "room-3", "room-2", "room-1", "room-0"}));
  EXPECT_EQ(listed(Mark{.before = at(1'000'003'000)}, 10), (Names{"room-8", "room-4", "room-0"}));
  const auto first = storage_.conversations(Mark{.before = at(1'000'003'000)}, 1)->at(0).place;
  EXPECT_EQ(listed(Mark{.place = first, .before = at(1'000'003'000)}, 10), (Names{"room-4", "room-0"}));
}

TEST_P(ConversationListing, ShowsAPrivateOneToItsMembersAlone) {
  post("open", at(1'000'000'000));
  ASSERT_TRUE(storage_.configure(storage_.by(user("ann"), conversation("vault")),
                                 Settings{std::nullopt, domain::Visibility::restricted}));
  EXPECT_EQ(listed(std::nullopt, 10, "ann"), (Names{"vault", "open"}));
  EXPECT_EQ(listed(std::nullopt, 10, "bob"), (Names{"open"}));
  ASSERT_TRUE(storage_.join(storage_.by(user("ann"), conversation("vault")), user("bob")));
  EXPECT_EQ(listed(std::nullopt, 10, "bob"), (Names{"vault", "open"}));
  EXPECT_EQ(listed(std::nullopt, 1, "eve"), (Names{"open"}));
}

TEST_P(ConversationListing, TellsTitleVisibilityAndMembership) {
  post("open", at(1'000'000'000));
  ASSERT_TRUE(storage_.configure(storage_.by(user("ann"), conversation("vault")),
                                 Settings{domain::ConversationTitle::trusted("Gold"), domain::Visibility::restricted}));
  const auto found = storage_.conversations(std::nullopt, 10);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ(found->at(0).title->value(), "Gold");
  EXPECT_EQ(found->at(0).visibility, domain::Visibility::restricted);
  EXPECT_TRUE(found->at(0).member);
  EXPECT_EQ(found->at(0).head, 2u);
  EXPECT_EQ(found->at(1).title, std::nullopt);
  EXPECT_EQ(found->at(1).visibility, domain::Visibility::open);
  EXPECT_FALSE(found->at(1).member);
}

TEST_P(ConversationListing, NamesOneThatHasOnlyMembers) {
  ASSERT_TRUE(storage_.join(storage_.by(user("ann"), conversation("quiet")), user("ann")));
  EXPECT_EQ(listed(std::nullopt, 10, "bob"), (Names{"quiet"}));
}

TEST_P(ConversationListing, NamesNoInbox) {
  ASSERT_TRUE(storage_.notify(notification(1, domain::ChannelKey::inbox(company(), user("ann")))));
  EXPECT_TRUE(listed(std::nullopt, 10).empty());
}

DANWA_ON_EVERY_BACKEND(ConversationListing);

}  // namespace
}  // namespace danwa::tests
