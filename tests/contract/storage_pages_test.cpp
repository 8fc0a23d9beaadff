#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "contract/storage_backend.hpp"
#include "usecase/ports/paging.hpp"

// Pages end by the text on them as well as by their number of rows, in every implementation of the storage ports.
namespace danwa::tests {
namespace {

using usecase::PageSize;
using Seqs = std::vector<domain::Seq>;

/// Texts of one size as JSON, of very different sizes in the database.
struct TextCase {
  const char* name;
  std::string text;
};

const std::vector<TextCase> kTexts{{"plain", std::string(24'000, 'a')},
                                   {"control characters", std::string(4'000, '\x01')},
                                   {"quotes", std::string(12'000, '"')},
                                   {"wide", [] {
                                      std::string text;
                                      for (int i = 0; i < 6'000; ++i) text += "\xF0\x9F\x98\x80";
                                      return text;
                                    }()}};
constexpr std::size_t kFit = 10;  // of 24,000 bytes each: 256 KiB hold ten of them

class StoragePages : public StorageTest {
 protected:
  void fill(std::uint64_t count, const std::string& text) {
    for (std::uint64_t n = 1; n <= count; ++n) ASSERT_TRUE(storage_.add(comment(n, text)));
  }
  usecase::CommentRepository::Page list(std::optional<domain::Seq> after, std::optional<domain::Seq> before) {
    return storage_.list({after, before, 1000}).value();
  }
  static Seqs seqs_of(const std::vector<domain::Comment>& comments) {
    Seqs seqs;
    for (const auto& found : comments) seqs.push_back(found.seq);
    return seqs;
  }
};

Seqs every_seq(domain::Seq last, domain::Seq first = 1) {
  Seqs seqs;
  for (auto seq = first; seq <= last; ++seq) seqs.push_back(seq);
  return seqs;
}

TEST_P(StoragePages, EndByTextInBothDirectionsAndGoOnWithoutAHole) {
  std::uint64_t made = 0;
  for (const auto& [name, text] : kTexts) {
    const auto room = conversation(name);
    for (int n = 1; n <= 25; ++n) {
      auto one = comment(++made, text);
      one.conversation = room;
      ASSERT_TRUE(storage_.add(one));
    }
    Seqs forwards;
    for (domain::Seq after = 0;;) {
      const auto page = storage_.list({after, std::nullopt, 1000}, room).value();
      ASSERT_LE(page.comments.size(), kFit + 1) << name;
      for (const auto& found : page.comments) {
        EXPECT_EQ(found.content.value(), text);
        forwards.push_back(found.seq);
      }
      if (!page.more) break;
      after = page.comments.back().seq;
    }
    EXPECT_EQ(forwards, every_seq(25)) << name;
    Seqs backwards;
    for (std::optional<domain::Seq> before;;) {
      const auto page = storage_.list({std::nullopt, before, 1000}, room).value();
      ASSERT_FALSE(page.comments.empty()) << name;
      const auto seqs = seqs_of(page.comments);
      backwards.insert(backwards.begin(), seqs.begin(), seqs.end());
      if (!page.more) break;
      before = seqs.front();
    }
    EXPECT_EQ(backwards, every_seq(25)) << name;
    EXPECT_EQ(storage_.list({std::nullopt, std::nullopt, 1000}, room)->comments.back().seq, 25u)
        << "the newest page holds the newest";
  }
}

TEST_P(StoragePages, OfTheLogEndByTextAndTellTheHead) {
  fill(25, std::string(4'000, '\x02'));
  const auto page = storage_.read(1, domain::kMaxSeq, 1000).value();
  EXPECT_EQ(page.updates.size(), kFit);
  EXPECT_EQ(page.updates.front().seq, 1u);
  EXPECT_EQ(page.head, 25u);
  const auto last = storage_.read(21, domain::kMaxSeq, 1000).value();
  EXPECT_EQ(last.updates.size(), 5u);
  EXPECT_EQ(last.updates.back().seq, last.head);
}

TEST_P(StoragePages, OfTheLogObeyASmallerBound) {
  fill(3, std::string(100, 'a'));
  auto read = [this](std::size_t text) {
    return storage_.read(1, domain::kMaxSeq, PageSize{1000, text}).value().updates.size();
  };
  EXPECT_EQ(read(1), 1u) << "one row always passes";
  EXPECT_EQ(read(210), 2u);
  EXPECT_EQ(read(1'000), 3u);
}

TEST_P(StoragePages, HoldAThousandShortComments) {
  std::vector<std::future<domain::Result<usecase::CommentRepository::Added>>> posts;
  for (std::uint64_t n = 1; n <= 1'001; ++n) posts.push_back(storage_.start_add(comment(n, "short")));
  for (auto& post : posts) ASSERT_TRUE(post.get());
  EXPECT_EQ(storage_.read(1, domain::kMaxSeq, 1000)->updates.size(), 1'000u);
  const auto page = list(0, std::nullopt);
  EXPECT_EQ(page.comments.size(), 1'000u);
  EXPECT_TRUE(page.more);
}

TEST_P(StoragePages, EndExactlyWhereTheTextDoes) {
  const std::string half(PageSize::kText / 2 - user().value().size(), 'a');
  fill(2, half);
  EXPECT_EQ(list(0, std::nullopt).comments.size(), 2u);
  EXPECT_FALSE(list(0, std::nullopt).more);
  ASSERT_TRUE(storage_.add(comment(3, "b")));
  const auto page = list(0, std::nullopt);
  EXPECT_EQ(page.comments.size(), 2u);
  EXPECT_TRUE(page.more);
}

TEST_P(StoragePages, OfRemovedCommentsCountWhatIsThere) {
  fill(30, std::string(4'000, '\x03'));
  for (std::uint64_t n = 1; n <= 20; ++n) ASSERT_TRUE(storage_.remove(comment_id(n), at(1'800'000'000'000)));
  EXPECT_EQ(seqs_of(list(0, std::nullopt).comments), every_seq(30, 21));
  EXPECT_EQ(storage_.read(1, domain::kMaxSeq, 1000)->updates.size(), 50u) << "blank texts take no room";
}

TEST_P(StoragePages, OfMembersEndByTheirNames) {
  for (int n = 100; n < 400; ++n) {
    const auto name = domain::UserId::trusted(std::to_string(n) + std::string(997, '"'));
    ASSERT_TRUE(storage_.join(storage_.by(user()), name));
  }
  std::size_t seen = 0;
  std::optional<domain::UserId> after;
  for (;;) {
    const auto page = storage_.members(after, 1000).value();
    ASSERT_FALSE(page.members.empty());
    ASSERT_LE(page.members.size(), 131u) << "256 KiB of names of 1,997 bytes";
    seen += page.members.size();
    if (!page.more) break;
    after = page.members.back().user;
  }
  EXPECT_EQ(seen, 300u);
}

DANWA_ON_EVERY_BACKEND(StoragePages);

}  // namespace
}  // namespace danwa::tests
