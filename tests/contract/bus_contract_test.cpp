#include "contract/bus_contract.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <filesystem>
#include <numeric>
#include <thread>

#include "support/wait_for.hpp"

namespace danwa::tests {
namespace {

using std::chrono::seconds;
using MakeWorld = std::unique_ptr<BusWorld> (*)();

std::vector<domain::Seq> up_to(domain::Seq last, domain::Seq first = 1) {
  std::vector<domain::Seq> seqs(last - first + 1);
  std::iota(seqs.begin(), seqs.end(), first);
  return seqs;
}

/// Cuts every connection that this process has.
void cut_connections() {
  for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.ss_family == AF_INET) {
      ::shutdown(fd, SHUT_RDWR);
    }
  }
}

/// Nodes of one bus that all hear each other.
class BusContract : public testing::TestWithParam<MakeWorld> {
 protected:
  void start(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) nodes.push_back(world->start_node());
    ASSERT_TRUE(all_hear_each_other());
  }

  /// Each node says something of its own until all others have heard it: by presence, which needs no seq.
  bool all_hear_each_other() {
    const std::string round = "round " + std::to_string(++rounds_) + " of ";
    const auto heard_all = [&] {
      for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i]->bus().broadcast_presence(round + std::to_string(i));
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
      return every_pair([&](std::size_t from, std::size_t to) {
        const auto heard = nodes[to]->heard().presence();
        return std::find(heard.begin(), heard.end(), round + std::to_string(from)) != heard.end() &&
               nodes[to]->heard().looks_everywhere() > 0;
      });
    };
    return wait_for(heard_all, seconds{20});
  }

  template <class Holds>
  bool every_pair(Holds holds) {
    for (std::size_t from = 0; from < nodes.size(); ++from) {
      for (std::size_t to = 0; to < nodes.size(); ++to) {
        if (from != to && !holds(from, to)) return false;
      }
    }
    return true;
  }

  bool hears_next(std::size_t from, std::size_t to, domain::Seq seq) {
    nodes[from]->bus().broadcast(update_frame(seq));
    return wait_for([&] {
      const auto seqs = nodes[to]->heard().seqs(room());
      return !seqs.empty() && seqs.back() == seq;
    });
  }

  std::unique_ptr<BusWorld> world = GetParam()();
  std::vector<std::unique_ptr<BusNode>> nodes;

 private:
  int rounds_ = 0;
};

TEST_P(BusContract, AnUpdateReachesTheOthersAsItIs) {
  start(3);
  std::string text = "談話 \x01 \" and ";
  while (text.size() < 39'000) text += "\xF0\x9F\x98\x80";
  const domain::CommentUpdated edit{comment_id(3), user("談"), domain::CommentContent::trusted(std::move(text)), true};
  const auto frame = encode_update({room(), 7, at(1'700'000'000'123), edit}, "e");
  nodes[0]->bus().broadcast(frame);
  for (const auto to : {1U, 2U}) {
    ASSERT_TRUE(wait_for([&] { return nodes[to]->heard().seqs(room()).size() == 1; }));
    const auto got = nodes[to]->heard().frames(room()).front();
    EXPECT_EQ(*got->update(), *frame->update());
    EXPECT_EQ(got->epoch(), "e");
    EXPECT_EQ(got->websocket_frame(), frame->websocket_frame());
  }
}

TEST_P(BusContract, KeepsTheOrderOfEachPublisher) {
  start(3);
  for (domain::Seq seq = 1; seq <= 2'000; ++seq) {
    nodes[0]->bus().broadcast(update_frame(seq));
    nodes[1]->bus().broadcast(update_frame(10'000 + seq));
  }
  ASSERT_TRUE(wait_for([&] { return nodes[2]->heard().seqs(room()).size() == 4'000; }));
  std::vector<domain::Seq> of_first;
  std::vector<domain::Seq> of_second;
  for (const auto seq : nodes[2]->heard().seqs(room())) (seq < 10'000 ? of_first : of_second).push_back(seq);
  EXPECT_EQ(of_first, up_to(2'000));
  EXPECT_EQ(of_second, up_to(12'000, 10'001));
  EXPECT_EQ(nodes[0]->metrics().relay_drops.value(), 0U);
  EXPECT_EQ(nodes[2]->metrics().bus_events_in.value(), 4'000U);
}

TEST_P(BusContract, ANodeHearsNothingOfItsOwn) {
  start(2);
  nodes[0]->bus().broadcast(update_frame(1));
  nodes[0]->bus().broadcast_presence("mine");
  ASSERT_TRUE(wait_for([&] { return nodes[1]->heard().presence().back() == "mine"; }));
  ASSERT_TRUE(hears_next(1, 0, 2));  // what node 0 said before would have come by now
  EXPECT_EQ(nodes[0]->heard().seqs(room()), std::vector<domain::Seq>{2});
  for (const auto& heard : nodes[0]->heard().presence()) EXPECT_NE(heard, "mine");
}

TEST_P(BusContract, BringsPresenceAsItIs) {
  start(2);
  const std::string message = std::string{"\0\r\n\xFF", 4} + std::string(64 * 1024 - 4, 'p');
  nodes[0]->bus().broadcast_presence(message);
  ASSERT_TRUE(wait_for([&] { return nodes[1]->heard().presence().back().size() == message.size(); }));
  EXPECT_EQ(nodes[1]->heard().presence().back(), message);
}

TEST_P(BusContract, AnAnswerGoesToTheSenderAlone) {
  start(3);
  nodes[0]->bus().broadcast_presence("question");
  ASSERT_TRUE(wait_for([&] { return nodes[1]->heard().presence().back() == "question"; }));
  const auto to = nodes[1]->heard().sender_of("question");
  nodes[1]->bus().tell(to, "answer");
  ASSERT_TRUE(wait_for([&] { return nodes[0]->heard().presence().back() == "answer"; }));
  ASSERT_TRUE(hears_next(1, 2, 1));  // what came before it would have come by now
  for (const auto& heard : nodes[2]->heard().presence()) EXPECT_NE(heard, "answer");
}

TEST_P(BusContract, AMessageToAnAddressThatIsGoneIsDropped) {
  start(2);
  nodes[0]->bus().broadcast_presence("question");
  ASSERT_TRUE(wait_for([&] { return nodes[1]->heard().presence().back() == "question"; }));
  const auto to = nodes[1]->heard().sender_of("question");
  nodes[0] = world->start_node();
  ASSERT_TRUE(all_hear_each_other());
  for (const auto& address : {to, delivery::PeerAddress{}, delivery::PeerAddress{"nobody"}}) {
    nodes[1]->bus().tell(address, "answer");
  }
  ASSERT_TRUE(hears_next(1, 0, 1));
  for (const auto& heard : nodes[0]->heard().presence()) EXPECT_NE(heard, "answer");
}

TEST_P(BusContract, TakesWhatManyThreadsSayAtOnce) {
  start(2);
  std::vector<std::thread> threads;
  for (domain::Seq thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (domain::Seq i = 1; i <= 250; ++i) nodes[0]->bus().broadcast(update_frame(1'000 * thread + i));
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(wait_for([&] { return nodes[1]->heard().seqs(room()).size() == 1'000; }));
  auto seqs = nodes[1]->heard().seqs(room());
  std::sort(seqs.begin(), seqs.end());
  EXPECT_EQ(std::adjacent_find(seqs.begin(), seqs.end()), seqs.end());
}

TEST_P(BusContract, IsSilentAfterStop) {
  start(3);
  nodes[0]->stop();
  nodes[0]->stop();
  const auto calls = nodes[0]->heard().calls();
  nodes[0]->bus().broadcast(update_frame(1));
  nodes[0]->bus().broadcast_presence("gone");
  nodes[0]->bus().tell(nodes[1]->heard().sender_of(nodes[1]->heard().presence().back()), "gone");
  nodes[0]->bus().watched(room("other"));
  nodes[0]->bus().unwatched(room("other"));
  for (domain::Seq seq = 2; seq <= 20; ++seq) ASSERT_TRUE(hears_next(1, 2, seq));
  EXPECT_EQ(nodes[0]->heard().calls(), calls);
  EXPECT_EQ(nodes[2]->heard().seqs(room()), up_to(20, 2));
}

TEST_P(BusContract, LooksEverywhereAfterEveryConnection) {
  start(2);
  for (int round = 0; round < 2; ++round) {
    const std::size_t before[] = {nodes[0]->heard().looks_everywhere(), nodes[1]->heard().looks_everywhere()};
    cut_connections();
    for (const auto i : {0U, 1U}) {
      EXPECT_TRUE(wait_for([&] { return nodes[i]->heard().looks_everywhere() > before[i]; })) << "node " << i;
    }
    ASSERT_TRUE(all_hear_each_other());
    EXPECT_TRUE(hears_next(0, 1, static_cast<domain::Seq>(round) + 1));
  }
}

TEST_P(BusContract, GarbageHarmsNobody) {
  start(2);
  world->send_garbage();
  EXPECT_TRUE(hears_next(0, 1, 1));
  EXPECT_TRUE(hears_next(1, 0, 2));
  EXPECT_EQ(nodes[0]->heard().seqs(room()), std::vector<domain::Seq>{2});
}

TEST_P(BusContract, AnUpdateGoesToThoseThatWatchItsChannel) {
  start(3);
  const auto other = room("other");
  nodes[1]->bus().watched(other);
  domain::Seq seq = 0;
  ASSERT_TRUE(wait_for([&] {
    nodes[0]->bus().broadcast(update_frame(++seq, other));
    return !nodes[1]->heard().seqs(other).empty();
  }));
  nodes[0]->bus().broadcast(update_frame(++seq, other));
  ASSERT_TRUE(wait_for([&] { return nodes[1]->heard().seqs(other).back() == seq; }));
  ASSERT_TRUE(hears_next(0, 2, 1));  // what came before it would have come by now
  EXPECT_TRUE(nodes[2]->heard().seqs(other).empty());
  EXPECT_EQ(nodes[2]->metrics().bus_events_in.value(), 1U);

  nodes[1]->bus().unwatched(other);
  const auto stops = [&] {
    const auto before = nodes[1]->heard().seqs(other).size();
    nodes[0]->bus().broadcast(update_frame(++seq, other));
    return hears_next(0, 1, seq) && nodes[1]->heard().seqs(other).size() == before;
  };
  EXPECT_TRUE(wait_for(stops));
}

TEST_P(BusContract, WhoComesLaterHearsToo) {
  start(2);
  ASSERT_TRUE(hears_next(0, 1, 1));
  nodes.push_back(world->start_node());
  ASSERT_TRUE(all_hear_each_other());
  EXPECT_TRUE(hears_next(0, 2, 2));
  EXPECT_EQ(nodes[2]->heard().seqs(room()), std::vector<domain::Seq>{2});
}

INSTANTIATE_TEST_SUITE_P(Caf, BusContract, testing::Values(&make_caf_world));
#ifdef DANWA_REDIS
INSTANTIATE_TEST_SUITE_P(Redis, BusContract, testing::Values(&make_redis_world));
#endif

}  // namespace
}  // namespace danwa::tests
