#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "infra/sqlite/sqlite_database.hpp"
#include "infra/system/identity.hpp"
#include "support/comments.hpp"
#include "support/coroutine_thread.hpp"
#include "support/quiet_logger.hpp"
#include "support/temporary_directory.hpp"

#ifdef DANWA_POSTGRES
#include "infra/postgres/postgres_database.hpp"
#endif

// Durable posts a second through the writer, and what one costs in processor time:
// danwa_storage_bench [writers] [conversations] [posts] [directory or postgres://URL]
namespace danwa::tests {
namespace {

struct Load {
  std::size_t writers;
  std::uint64_t conversations;
  std::uint64_t posts;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Posts one after the other, each when the one before was answered; the number of failures.
usecase::Async<std::uint64_t> post(usecase::CommentRepository& comments, usecase::IdGenerator& ids, Load load,
                                   std::size_t writer) {
  std::uint64_t failed = 0;
  for (std::uint64_t n = writer; n < load.posts; n += load.writers) {
    domain::Comment made = comment(n, "A comment of a usual length, as people write them in a chat all day long.");
    made.id = domain::CommentId{ids.next()};
    made.conversation = conversation("room-" + std::to_string(n * 2654435761U % load.conversations));
    const auto added = co_await comments.add(std::move(made), std::nullopt);
    if (!added) ++failed;
  }
  co_return failed;
}

template <class Options>
int measure(const Load& load, const Options& options) {
  QuietLogger logger;
  adapters::Metrics metrics;
  system::SystemClock clock;
  system::UuidV7Generator ids{clock};
  CoroutineThread thread;  // outlives the database, which posts to it
  const auto database = open_database(options, logger, metrics);
  const auto start = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  std::vector<std::future<std::uint64_t>> writers;
  for (std::size_t i = 0; i < load.writers; ++i) {
    writers.push_back(thread.start(post(database->comments(), ids, load, i)));
  }
  std::uint64_t failed = 0;
  for (auto& writer : writers) failed += writer.get();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto posts = static_cast<double>(load.posts);
  std::printf(
      "%zu writers, %llu conversations: %.0f posts/s, %.1f CPU us a post, %.1f a commit, %llu checkpoints, %llu "
      "failed\n",
      load.writers, static_cast<unsigned long long>(load.conversations), posts / took.count(),
      (cpu_seconds() - cpu) * 1e6 / posts,
      static_cast<double>(metrics.committed_actions.value()) / static_cast<double>(metrics.commits.value()),
      static_cast<unsigned long long>(metrics.checkpoints.value()), static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace danwa::tests

int main(int argc, char** argv) {
  const auto number = [&](int i, std::uint64_t otherwise) {
    return argc > i ? std::strtoull(argv[i], nullptr, 10) : otherwise;
  };
  using danwa::tests::measure;
  const danwa::tests::Load load{number(1, 64), number(2, 1000), number(3, 100000)};
  const std::string place = argc > 4 ? argv[4] : "";
#ifdef DANWA_POSTGRES
  if (place.starts_with("postgres")) {
    return measure(load, danwa::postgres::PostgresOptions{.master = place});
  }
#endif
  const danwa::tests::TemporaryDirectory directory;
  const std::string path = place.empty() ? directory.file("bench.db") : place + "/bench.db";
  return measure(load, danwa::sqlite::SqliteOptions{.master_path = path});
}
