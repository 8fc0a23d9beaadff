#include "infra/caf/log_reader.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/updates/update_json.hpp"
#include "support/wait_for.hpp"

namespace danwa::caf {
namespace {

using usecase::Async;
using usecase::ReadFrom;

/// A log whose reads of heads stand while `stands`. The head of the conversation "k7" is 7.
class StandingLog final : public usecase::UpdateLog {
 public:
  Async<domain::Result<Heads>> heads(std::vector<domain::ChannelKey> channels, ReadFrom) override {
    sizes.push_back(channels.size());
    reads.fetch_add(1);
    stands.wait(true);
    if (defective.exchange(false)) throw std::logic_error{"a defect"};
    Heads found{"epoch", {}};
    for (const auto& channel : channels) found.seqs.push_back(std::stoull(channel.key.substr(1)));
    co_return found;
  }
  Async<domain::Result<Page>> read(domain::ChannelKey, domain::Seq, domain::Seq, usecase::PageSize,
                                   usecase::Freshness) override {
    co_return Page{};
  }
  Async<domain::Result<Listing>> conversations(ListingRequest, usecase::Freshness) override { co_return Listing{}; }
  Async<domain::Result<domain::Position>> position() override { co_return domain::Position{}; }

  void go() {
    stands.store(false);
    stands.notify_all();
  }

  std::vector<std::size_t> sizes;  // channels of each read; written by the reader's thread alone
  std::atomic<int> reads{0};
  std::atomic<bool> stands{false};
  std::atomic<bool> defective{false};
};

struct LogReaderHeads : testing::Test {
  void want(int n) {
    const domain::ChannelKey channel{*domain::CompanyId::parse("demo"), domain::ChannelKind::conversation,
                                     "k" + std::to_string(n)};
    reader.head({static_cast<delivery::ReadToken>(n), channel, ReadFrom::master}, [this, n](auto head) {
      const std::lock_guard lock{mutex};
      answers[n].push_back(head ? head->seq : 0);
    });
  }
  std::size_t answered() {
    const std::lock_guard lock{mutex};
    return answers.size();
  }

  StandingLog log;
  std::mutex mutex;
  std::map<int, std::vector<domain::Seq>> answers;  // by number of the conversation; 0: the read failed
  LogReader reader{log, nullptr, adapters::json_frames(), std::chrono::milliseconds{200}};
};

TEST_F(LogReaderHeads, ThatAreWantedWhileOneIsReadShareTheNextRead) {
  log.stands = true;
  want(1);
  ASSERT_TRUE(tests::wait_for([this] { return log.reads == 1; }));
  for (int n = 2; n <= 200; ++n) want(n);
  log.go();
  ASSERT_TRUE(tests::wait_for([this] { return answered() == 200; }));
  for (const auto& [n, seqs] : answers) EXPECT_EQ(seqs, std::vector{static_cast<domain::Seq>(n)});
  EXPECT_EQ(log.sizes, (std::vector<std::size_t>{1, 199}));
}

TEST_F(LogReaderHeads, GoOnAfterADefectOfOneRead) {
  log.defective = true;
  want(1);
  ASSERT_TRUE(tests::wait_for([this] { return answered() == 1; }));
  want(2);
  ASSERT_TRUE(tests::wait_for([this] { return answered() == 2; }));
  EXPECT_EQ(answers[1], std::vector<domain::Seq>{0});
  EXPECT_EQ(answers[2], std::vector<domain::Seq>{2});
}

}  // namespace
}  // namespace danwa::caf
