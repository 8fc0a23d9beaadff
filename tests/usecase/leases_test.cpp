#include "usecase/leases.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <thread>
#include <vector>

namespace danwa::tests {
namespace {

using domain::Timestamp;
using std::chrono::milliseconds;
using std::chrono::seconds;
using usecase::LeaseEnd;

class StoppedClock final : public usecase::Clock {
 public:
  Timestamp now() const override { return Timestamp{milliseconds{now_.load()}}; }
  void set(milliseconds now) { now_ = now.count(); }

 private:
  std::atomic<std::int64_t> now_{1'000'000};
};

struct FlaggedProof final : usecase::Proof {
  using Proof::Proof;
  bool holds() const override { return *good; }
  std::shared_ptr<std::atomic<bool>> good = std::make_shared<std::atomic<bool>>(true);
};

/// Writes down what it is told.
struct Owner final : usecase::LeaseOwner {
  void on_lease_ending() override { told += "soon "; }
  void on_lease_end(LeaseEnd why) override { told += why == LeaseEnd::expired ? "expired " : "revoked "; }
  std::string told;
};

class LeasesTest : public testing::Test {
 protected:
  static domain::Credential who(std::optional<milliseconds> end) {
    domain::Credential made{.company = domain::CompanyId::trusted("acme"),
                            .user = domain::UserId::trusted("ann"),
                            .stores = {},
                            .grants = std::nullopt,
                            .expires_at = std::nullopt};
    if (end) made.expires_at = Timestamp{*end};
    return made;
  }
  usecase::LeasePtr grant(std::optional<milliseconds> end) {
    proof = std::make_shared<FlaggedProof>(who(end));
    return leases->grant(proof);
  }

  StoppedClock clock;
  std::atomic<int> woken = 0;  // on the threads that call `hold`
  std::shared_ptr<usecase::Leases> leases = std::make_shared<usecase::Leases>(clock, [this] { ++woken; });
  std::shared_ptr<FlaggedProof> proof;
  std::shared_ptr<Owner> owner = std::make_shared<Owner>();
};

constexpr milliseconds kNow{1'000'000};
constexpr milliseconds kYear9999{253'402'300'799'999};

TEST_F(LeasesTest, TellsOfTheEndBeforeAndWhenItComes) {
  const auto lease = grant(kNow + seconds{60});
  lease->hold(owner, seconds{30});
  EXPECT_EQ(leases->next(), Timestamp{kNow + seconds{30}});
  clock.set(kNow + seconds{30} - milliseconds{1});
  leases->advance();
  EXPECT_EQ(owner->told, "");
  clock.set(kNow + seconds{30});
  leases->advance();
  EXPECT_EQ(owner->told, "soon ");
  EXPECT_EQ(leases->next(), Timestamp{kNow + seconds{60}});
  EXPECT_FALSE(lease->ended());
  clock.set(kNow + seconds{60});
  EXPECT_EQ(lease->ended(), LeaseEnd::expired) << "asked, it does not wait for anybody";
  leases->advance();
  leases->advance();
  EXPECT_EQ(owner->told, "soon expired ") << "once";
  EXPECT_FALSE(leases->next());
}

TEST_F(LeasesTest, ALateRoundTellsBothInOrder) {
  const auto lease = grant(kNow + seconds{60});
  lease->hold(owner, seconds{30});
  clock.set(kNow + seconds{90});
  leases->advance();
  EXPECT_EQ(owner->told, "soon expired ");
}

TEST_F(LeasesTest, AnEndStaysWhenTheClockIsSetBack) {
  const auto lease = grant(kNow + seconds{60});
  lease->hold(owner, seconds{0});
  clock.set(kNow + seconds{60});
  leases->advance();
  clock.set(kNow);
  EXPECT_EQ(lease->ended(), LeaseEnd::expired);
}

TEST_F(LeasesTest, WhoHoldsOneThatHasEndedIsToldAtOnce) {
  const auto late = grant(kNow);
  late->hold(owner, seconds{30});
  EXPECT_EQ(owner->told, "expired ");
  const auto lost = grant(kNow + seconds{60});
  *proof->good = false;
  owner->told.clear();
  lost->hold(owner, seconds{30});
  EXPECT_EQ(owner->told, "revoked ");
}

TEST_F(LeasesTest, ARecheckEndsThoseWhoseProofIsGoneAndNoOthers) {
  const auto kept = grant(kNow + seconds{60});
  kept->hold(owner, seconds{0});
  const auto endless = grant(std::nullopt);
  const auto also = std::make_shared<Owner>();
  endless->hold(also, seconds{30});
  EXPECT_EQ(leases->recheck(), 0U);
  *proof->good = false;
  EXPECT_EQ(endless->ended(), LeaseEnd::revoked);
  EXPECT_EQ(leases->recheck(), 1U);
  EXPECT_EQ(leases->recheck(), 0U);
  EXPECT_EQ(also->told, "revoked ");
  EXPECT_EQ(owner->told, "");
  EXPECT_FALSE(kept->ended());
  *proof->good = true;
  EXPECT_EQ(endless->ended(), LeaseEnd::revoked) << "what its owner was told stays true";
}

TEST_F(LeasesTest, ReleasedOnesAndThoseThatAreGoneTellNobody) {
  auto lease = grant(kNow + seconds{60});
  lease->hold(owner, seconds{30});
  lease->release();
  auto other = grant(kNow + seconds{60});
  other->hold(owner, seconds{30});
  other.reset();
  EXPECT_FALSE(leases->next());
  clock.set(kNow + seconds{61});
  leases->advance();
  EXPECT_EQ(owner->told, "");
  EXPECT_EQ(lease->ended(), LeaseEnd::expired);
}

TEST_F(LeasesTest, AnOwnerThatIsGoneIsForgotten) {
  const auto lease = grant(kNow + seconds{60});
  lease->hold(owner, seconds{0});
  owner.reset();
  clock.set(kNow + seconds{60});
  leases->advance();
  EXPECT_FALSE(leases->next());
}

TEST_F(LeasesTest, FarTimesAreMomentsAsOthersAre) {
  for (const milliseconds end : {milliseconds{32'503'680'000'000}, kYear9999, kYear9999 + seconds{300}}) {
    const auto lease = grant(end);
    lease->hold(owner, seconds{30});
    leases->advance();
    EXPECT_EQ(leases->next(), Timestamp{end - seconds{30}});
    EXPECT_FALSE(lease->ended());
  }
  EXPECT_EQ(owner->told, "");
}

TEST_F(LeasesTest, WakesWhenTheNextMomentIsEarlierAndOnlyThen) {
  const auto first = grant(kNow + seconds{60});
  first->hold(owner, seconds{0});
  EXPECT_EQ(woken, 1);
  const auto later = grant(kNow + seconds{90});
  later->hold(owner, seconds{0});
  EXPECT_EQ(woken, 1);
  const auto sooner = grant(kNow + seconds{30});
  sooner->hold(owner, seconds{0});
  EXPECT_EQ(woken, 2);
}

TEST_F(LeasesTest, TellsEveryOwnerOnceAndInTheOrderOfTheirEnds) {
  rc::check("whatever the ends", [this] {
    const auto ends = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 50));
    clock.set(kNow);
    std::vector<usecase::LeasePtr> held;
    std::vector<std::shared_ptr<Owner>> owners;
    for (const int end : ends) {
      owners.push_back(std::make_shared<Owner>());
      held.push_back(grant(kNow + seconds{end}));
      held.back()->hold(owners.back(), seconds{0});
    }
    for (int now = 0; now <= 50; ++now) {
      clock.set(kNow + seconds{now});
      leases->advance();
      for (std::size_t i = 0; i < ends.size(); ++i) RC_ASSERT(owners[i]->told == (ends[i] <= now ? "expired " : ""));
    }
    RC_ASSERT(!leases->next());
  });
}

TEST_F(LeasesTest, HoldsUnderManyThreads) {
  std::atomic<bool> stop{false};
  std::thread keeper{[&] {
    while (!stop) {
      leases->advance();
      leases->recheck();
    }
  }};
  std::vector<std::thread> holders;
  for (int t = 0; t < 4; ++t) {
    holders.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        auto mine = std::make_shared<Owner>();
        auto lease = leases->grant(std::make_shared<FlaggedProof>(who(kNow + milliseconds{i % 3 == 0 ? 0 : 1'000})));
        lease->hold(mine, milliseconds{t * 500});
        if (i % 2 == 0) lease->release();
      }
    });
  }
  for (auto& holder : holders) holder.join();
  stop = true;
  keeper.join();
  EXPECT_FALSE(leases->next());
}

TEST(EndlessLease, HoldsForEver) {
  const auto lease = usecase::endless_lease({.company = domain::CompanyId::trusted("demo"),
                                             .user = domain::UserId::trusted("ann"),
                                             .stores = {},
                                             .grants = std::nullopt,
                                             .expires_at = std::nullopt});
  const auto owner = std::make_shared<Owner>();
  lease->hold(owner, seconds{30});
  EXPECT_FALSE(lease->ended());
  EXPECT_EQ(lease->who().user.value(), "ann");
  EXPECT_EQ(owner->told, "");
}

}  // namespace
}  // namespace danwa::tests
