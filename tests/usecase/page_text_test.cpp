#include "usecase/ports/paging.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/comments.hpp"

namespace danwa::usecase {
namespace {

TEST(PageText, EndsBeforeTheRowThatDoesNotFit) {
  PageText text{10};
  EXPECT_TRUE(text.admits({"abc", "d"}));
  EXPECT_TRUE(text.admits({"abcdef"}));
  EXPECT_FALSE(text.admits({"a"}));
}

TEST(PageText, CountsEscapesAsTheyAreWritten) {
  PageText text{12};
  EXPECT_TRUE(text.admits({"\x01"}));
  EXPECT_TRUE(text.admits({"\"\\\n"}));
  EXPECT_FALSE(text.admits({"a"}));
}

TEST(PageText, LetsOneRowPassHoweverLargeItIs) {
  PageText text{10};
  EXPECT_TRUE(text.admits({std::string(100, 'a')}));
  EXPECT_FALSE(text.admits({"a"}));
}

TEST(PageText, LeavesNoHoleBehindARefusal) {
  PageText text{10};
  EXPECT_TRUE(text.admits({"abc"}));
  EXPECT_FALSE(text.admits({std::string(100, 'a')}));
  EXPECT_FALSE(text.admits({"a"})) << "a smaller row behind the refused one would leave a hole";
}

TEST(PageText, KnowsTheTextsOfEveryKindOfUpdate) {
  const auto name = tests::user("ann");
  const auto content = domain::CommentContent::trusted("hello");
  const auto title = domain::ConversationTitle::trusted("title");
  const auto size = [](domain::UpdateBody body) {
    const domain::Update update{domain::ChannelKey::inbox(tests::company()), 1, tests::at(1), std::move(body)};
    for (std::size_t most = 1;; ++most) {
      PageText text{most};
      text.admits({""});
      if (text.admits(update)) return most;
    }
  };
  EXPECT_EQ(size(domain::CommentAdded{{}, name, content, "mark"}), 12u);
  EXPECT_EQ(size(domain::CommentUpdated{{}, name, content}), 8u);
  EXPECT_EQ(size(domain::CommentDeleted{{}, name, name}), 6u);
  EXPECT_EQ(size(domain::MemberAdded{{}, name, name}), 6u);
  EXPECT_EQ(size(domain::MemberRemoved{{}, name, name}), 6u);
  EXPECT_EQ(size(domain::ConversationUpdated{{}, title, domain::Visibility::open, name}), 8u);
  EXPECT_EQ(size(domain::NotificationAdded{{}, name, domain::NotificationText::trusted("hi")}), 5u);
}

}  // namespace
}  // namespace danwa::usecase
