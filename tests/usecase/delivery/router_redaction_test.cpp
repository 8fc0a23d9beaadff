#include <gtest/gtest.h>

#include "frames.hpp"
#include "usecase/delivery/router_table.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;

/// One watched channel, and edits that redact.
struct RouterRedaction : testing::Test {
  RegistrationPtr watch_after(domain::Seq seq) {
    auto who = std::make_shared<Registration>(usecase::WatchedChannel{lobby(), domain::Cursor{std::nullopt, seq}});
    table.watch(who, now);
    return who;
  }
  /// The first effect of this kind; all are forgotten then.
  template <class Effect>
  Effect first() {
    for (auto& effect : table.effects()) {
      if (auto* found = std::get_if<Effect>(&effect)) {
        Effect taken = std::move(*found);
        table.clear_effects();
        return taken;
      }
    }
    throw std::logic_error{"no such effect"};
  }
  void answer_head(domain::Seq seq) { table.on_head(first<ReadHead>().token, usecase::UpdateLog::Head{"e", seq}, now); }

  DeliveryFigures metrics;
  Time now{std::chrono::hours{1}};
  RouterTable table{{}, metrics};
};

TEST_F(RouterRedaction, ARedactionTakesWhatWasSaidBeforeItInWhateverOrderTheyCome) {
  watch_after(0);
  answer_head(0);
  const auto before = added(1, 70), early = added(3, 70), late = added(5, 70);
  table.announce(before, now);
  table.announce(late, now);  // waits for its predecessors
  const auto redaction = redacting(4, 70);
  table.announce(redaction, now);
  table.announce(early, now);
  EXPECT_FALSE(shows_text(before));
  EXPECT_FALSE(shows_text(early));
  EXPECT_TRUE(shows_text(redaction));
  EXPECT_TRUE(shows_text(late));
  table.announce(redacting(6, 70), now);
  EXPECT_FALSE(shows_text(redaction));
  EXPECT_FALSE(shows_text(late));
  table.announce(deleted(7, 70), now);
  EXPECT_FALSE(shows_text(early));
}

TEST_F(RouterRedaction, APageReadBeforeARedactionShowsNoEarlierTextAfterIt) {
  const auto who = watch_after(0);
  answer_head(2);
  table.read_page(who, PageRequest{1, 1, 3, usecase::ReadFrom::replica});
  const auto read = first<ReadUpdateRange>();
  table.announce(redacting(3, 70), now);
  table.on_updates(read.token, LogPage{FrameBatch{added(1, 70), added(2, 71)}, 2, "e"}, now);
  const auto frames = first<GivePage>().page.frames;
  EXPECT_FALSE(shows_text(frames.at(0)));
  EXPECT_TRUE(shows_text(frames.at(1)));
}

}  // namespace
}  // namespace danwa::delivery
