#include "adapters/graphql/http_endpoint.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "adapters/protocol/graphql/language.hpp"

namespace danwa::adapters::graphql {
namespace {

std::string query(int number) { return "{dog{a" + std::to_string(number) + ":name}}"; }

TEST(GraphqlDocumentCache, GivesTheSameDocumentAgain) {
  DocumentCache cache{pets()};
  const auto first = cache.prepare(query(1));
  EXPECT_EQ(first->get()->operations.size(), 1U);
  EXPECT_EQ(*cache.prepare(query(1)), *first);
  EXPECT_NE(*cache.prepare(query(2)), *first);
}

TEST(GraphqlDocumentCache, KeepsTheLastUsed) {
  DocumentCache cache{pets(), 2};
  const auto first = *cache.prepare(query(1));
  const auto second = *cache.prepare(query(2));
  EXPECT_EQ(*cache.prepare(query(1)), first);
  cache.prepare(query(3));  // in the place of the second
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(*cache.prepare(query(1)), first);
  EXPECT_NE(*cache.prepare(query(2)), second);
  EXPECT_EQ(second->operations.size(), 1U) << "whoever holds a document keeps it";
}

TEST(GraphqlDocumentCache, DoesNotKeepWhatFails) {
  DocumentCache cache{pets(), 2, {.max_tokens = 10}};
  EXPECT_EQ(cache.prepare("{dog{").error().front().code, "graphql-syntax");
  EXPECT_EQ(cache.prepare("{dog}").error().front().code, "graphql-validation");
  EXPECT_EQ(cache.prepare("{dog{a b c d e f g h i}}").error().front().code, "graphql-limit");
  EXPECT_EQ(cache.size(), 0U);
}

TEST(GraphqlDocumentCache, LargeDocumentsLeaveRoomForFewer) {
  DocumentCache cache{pets()};
  std::string names;
  for (int i = 0; i < 1900; ++i) names += " name";
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(cache.prepare("{dog{a" + std::to_string(i) + ":name" + names + "}}"));
  EXPECT_GT(cache.size(), 30U);
  EXPECT_LT(cache.size(), 60U);
}

TEST(GraphqlDocumentCache, ServesManyThreads) {
  DocumentCache cache{pets(), 8};
  std::vector<std::thread> threads;
  for (int seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&cache, seed] {
      for (int i = 0; i < 300; ++i) {
        const auto text = query((i * 7 + seed) % 12);
        const auto document = cache.prepare(text);
        ASSERT_TRUE(document);
        ASSERT_EQ((*document)->source, text);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(cache.size(), 8U);
}

}  // namespace
}  // namespace danwa::adapters::graphql
