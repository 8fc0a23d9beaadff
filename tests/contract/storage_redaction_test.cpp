#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "contract/storage_backend.hpp"
#include "domain/update/update.hpp"

// Texts that go: by an edit that redacts, by a moderator's removal. What every implementation must do.
namespace danwa::tests {
namespace {

class StorageRedaction : public StorageTest {
 protected:
  /// What each update of the log says of its comment; "-" where the text is gone, "." where there never was one.
  std::vector<std::string> texts() {
    std::vector<std::string> all;
    const auto page = storage_.read(1, domain::kMaxSeq);
    for (const auto& update : page->updates) {
      const domain::Overloaded text{
          [](const domain::CommentAdded& body) { return body.content ? body.content->value() : "-"; },
          [](const domain::CommentUpdated& body) {
            return (body.content ? body.content->value() : "-") + (body.redacts ? "!" : "");
          },
          [](const auto&) { return std::string{"."}; },
      };
      all.push_back(std::visit(text, update.body));
    }
    return all;
  }
};

using Texts = std::vector<std::string>;

TEST_P(StorageRedaction, BlanksWhatACommentSaidBefore) {
  ASSERT_TRUE(storage_.add(comment(1, "password")));
  ASSERT_TRUE(storage_.add(comment(2, "other")));
  ASSERT_TRUE(storage_.edit(comment_id(1), "password2", at(3)));
  const auto edited = storage_.edit(comment_id(1), "***", at(4), Storage::kGo);
  ASSERT_TRUE(edited);
  EXPECT_TRUE(edited->redacts);
  EXPECT_EQ(edited->comment.version, 3u);
  EXPECT_EQ(texts(), (Texts{"-", "other", "-", "***!"}));
  EXPECT_EQ(storage_.read(4, 4)->updates[0], domain::to_update(*edited));
}

TEST_P(StorageRedaction, LeavesTheCommentWhereItIs) {
  ASSERT_TRUE(storage_.add(comment(1, "password"), usecase::IdempotencyKey{"k1", "hash"}));
  ASSERT_TRUE(storage_.edit(comment_id(1), "***", at(4), Storage::kGo));
  const auto page = storage_.list({});
  ASSERT_EQ(page->comments.size(), 1u);
  EXPECT_EQ(page->comments[0].seq, 1u);
  EXPECT_EQ(page->comments[0].content.value(), "***");
}

TEST_P(StorageRedaction, TakesTheClientsMarkAndAnswersARetryAllTheSame) {
  const usecase::IdempotencyKey key{"k1", "hash"};
  auto made = comment(1, "password");
  made.client_ref = "password";
  ASSERT_TRUE(storage_.add(made, key));
  const auto edited = storage_.edit(comment_id(1), "***", at(4), Storage::kGo);
  EXPECT_EQ(edited->comment.client_ref, std::nullopt);
  EXPECT_EQ(storage_.find(comment_id(1))->client_ref, std::nullopt);
  const auto page = storage_.read(1, 1);
  EXPECT_EQ(page->updates[0].body,
            domain::UpdateBody(domain::CommentAdded{comment_id(1), user(), std::nullopt, std::nullopt}));
  for (const char* hash : {"hash", "another"}) {  // what was asked first is not known any more
    const auto again = storage_.add(comment(2), usecase::IdempotencyKey{"k1", hash});
    ASSERT_TRUE(again && again->replayed);
    EXPECT_EQ(again->comment.content.value(), "***");
  }
}

TEST_P(StorageRedaction, LeavesLaterEditsAndGoesOn) {
  ASSERT_TRUE(storage_.add(comment(1, "one")));
  ASSERT_TRUE(storage_.edit(comment_id(1), "two", at(3), Storage::kGo));
  ASSERT_TRUE(storage_.edit(comment_id(1), "three", at(4)));
  EXPECT_EQ(texts(), (Texts{"-", "two!", "three"}));
  ASSERT_TRUE(storage_.edit(comment_id(1), "four", at(5), Storage::kGo));
  EXPECT_EQ(texts(), (Texts{"-", "-!", "-", "four!"}));
  ASSERT_TRUE(storage_.remove(comment_id(1), at(6)));
  EXPECT_EQ(texts(), (Texts{"-", "-!", "-", "-!", "."}));
}

TEST_P(StorageRedaction, TakesNothingWhenTheEditIsRefused) {
  ASSERT_TRUE(storage_.add(comment(1, "stays")));
  const auto refused = storage_.modify(
      comment_id(1), [](const domain::Comment& c) { return c.edited(user("eve"), c.content, {}, at(1)); }, user("eve"),
      Storage::kGo);
  EXPECT_FALSE(refused);
  EXPECT_EQ(texts(), Texts{"stays"});
}

TEST_P(StorageRedaction, ByAModeratorTellsWhoRemoved) {
  ASSERT_TRUE(storage_.add(comment(1, "abuse")));
  ASSERT_TRUE(storage_.edit(comment_id(1), "more abuse", at(3)));
  const auto allow = [](const domain::Comment& c) { return c.removable(user("mod"), 2, true); };
  const auto removed = storage_.remove(comment_id(1), at(4), allow, company(), user("mod"));
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->by, user("mod"));
  EXPECT_EQ(texts(), (Texts{"-", "-", "."}));
  const auto last = storage_.read(3, 3)->updates[0];
  EXPECT_EQ(last.body, domain::UpdateBody(domain::CommentDeleted{comment_id(1), user(), user("mod")}));
  EXPECT_EQ(last, domain::to_update(*removed));
}

TEST_P(StorageRedaction, ByAModeratorNeedsNoMembership) {
  const usecase::ConversationRepository::Settings closed{std::nullopt, domain::Visibility::restricted};
  ASSERT_TRUE(storage_.configure(storage_.by(user()), closed));
  ASSERT_TRUE(storage_.add(comment(1, "abuse")));
  std::optional<bool> inside;
  const usecase::CommentRepository::Check look = [&](const domain::Comment&, const auto& entered) {
    inside = entered.has_value();
    return domain::Result<void>{};
  };
  ASSERT_TRUE(storage_.remove_by(comment_id(1), at(4), look, company(), user("mod")));
  EXPECT_EQ(inside, false);
}

DANWA_ON_EVERY_BACKEND(StorageRedaction);

}  // namespace
}  // namespace danwa::tests
