#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "infra/beast/http_fixture.hpp"
#include "infra/beast/raw_client.hpp"

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;

/// What the server's process tells at its end.
struct Report {
  std::size_t log_lines = 0;
  double cpu_seconds = 0;
};

/// A server in a process of its own that can open few files.
class PoorServer {
 public:
  explicit PoorServer(rlim_t files) {
    EXPECT_EQ(::pipe(to_parent_), 0);
    EXPECT_EQ(::pipe(to_child_), 0);
    child_ = ::fork();
    if (child_ == 0) serve(files);
    EXPECT_EQ(::read(to_parent_[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));
  }

  Report end() {
    Report report;
    EXPECT_EQ(::write(to_child_[1], "x", 1), 1);
    EXPECT_EQ(::read(to_parent_[0], &report, sizeof report), static_cast<ssize_t>(sizeof report));
    ::waitpid(child_, nullptr, 0);
    for (const int fd : {to_parent_[0], to_parent_[1], to_child_[0], to_child_[1]}) ::close(fd);
    return report;
  }

  int port = 0;

 private:
  [[noreturn]] void serve(rlim_t files) {
    const rlimit limit{files, files};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    Report report;
    {
      TestServer server;
      const int bound = server.port();
      (void)!::write(to_parent_[1], &bound, sizeof bound);
      char byte;
      (void)!::read(to_child_[0], &byte, 1);
      report.log_lines = server.log.count("http.accept_failed");
    }
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    report.cpu_seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    (void)!::write(to_parent_[1], &report, sizeof report);
    ::_exit(0);
  }

  pid_t child_ = 0;
  int to_parent_[2]{};
  int to_child_[2]{};
};

// Not under UBSan, which opens pipes for its checks and reports false errors when it cannot; the TSan stage
// runs this, and tests/faults does the same to the whole node.
#ifndef __SANITIZE_ADDRESS__
TEST(HttpExhaustion, OutOfFileHandlesItRefusesRestsAndRecovers) {
  PoorServer server{40};
  std::vector<RawClient> crowd;
  crowd.emplace_back(server.port);
  crowd.back().send(get("/"));
  EXPECT_EQ(crowd.back().read_answer().status, 200);
  for (int i = 0; i < 100; ++i) crowd.emplace_back(server.port);
  const auto refused = crowd.back().read_answer();
  EXPECT_EQ(refused.status, 503);
  crowd.front().send(get("/"));
  EXPECT_EQ(crowd.front().read_answer().status, 200) << "a connection that stands is not harmed";
  for (int i = 0; i < 20; ++i) {  // for two seconds somebody always waits
    crowd.emplace_back(server.port);
    std::this_thread::sleep_for(100ms);
  }
  crowd.clear();
  EXPECT_TRUE(eventually([&] {
    RawClient client{server.port};
    client.send(get("/"));
    return client.read_answer().status == 200;
  }));
  const auto report = server.end();
  EXPECT_GE(report.log_lines, 1U);
  EXPECT_LE(report.log_lines, 5U);
  EXPECT_LT(report.cpu_seconds, 1.0) << "of more than two seconds";
}
#endif

}  // namespace
}  // namespace danwa::beast
