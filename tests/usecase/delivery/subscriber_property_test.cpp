#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "frames.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;
using usecase::Delivery;

/// One step of a run: what happens, and a number that says to which update or how.
struct Step {
  enum What { commit, announce, announce_newest, ready, answer, count } what;
  unsigned number;
};

void showValue(const Step& step, std::ostream& out) { out << int(step.what) << '/' << step.number; }

/// A subscriber, the log as oracle, and a transport that demands next, next + 1 ...
class Run {
 public:
  explicit Run(Delivery delivery)
      : delivery_{delivery},
        subscriber_{usecase::Watch::of(lobby(), domain::Cursor{std::nullopt, 0}, delivery), kNode,
                    adapters::json_frames(), metrics_} {
    act(subscriber_.started("e", 0, false));
  }

  void take(const Step& step) {
    switch (step.what) {
      case Step::commit:
        log_.push_back(added(log_.size() + 1));
        return;
      case Step::announce:
        if (!log_.empty()) announce(log_[step.number % log_.size()]);
        return;
      case Step::announce_newest:
        log_.push_back(added(log_.size() + 1));
        return announce(log_.back());
      case Step::ready:
        if (!std::exchange(ready_, true)) ready();
        return;
      default:
        return answer(step.number);
    }
  }

  /// Nothing is lost any more, and the transport reads on: everything must come.
  void calm_down() {
    for (const auto& frame : log_) announce(frame);
    for (std::size_t i = 0; i < 4 * log_.size() + 8; ++i) {
      take({Step::ready, 0});
      answer(1);
    }
    RC_ASSERT(next_ == log_.size() + 1);
    RC_ASSERT(metrics_.watchers_live.value() == 1);
  }

 private:
  /// One that nobody waits for leads to nothing: it may be told later.
  void ready() {
    const bool waited = subscriber_.waits_for_transport();
    auto outcome = subscriber_.ready();
    RC_ASSERT(waited || (outcome.deliver.empty() && !outcome.read && !outcome.check && !outcome.end));
    act(std::move(outcome));
  }

  void announce(const FramePtr& frame) { act(subscriber_.announced(std::vector{frame})); }

  /// Answers the read under way: as the master does, or as a replica that lacks some of the newest.
  void answer(unsigned number) {
    if (!read_) return;
    const auto request = *std::exchange(read_, std::nullopt);
    const bool master = request.from == usecase::ReadFrom::master;
    const auto lag = master ? 0 : number % 4 == 0 ? number % 7 : 0;
    const domain::Seq head = log_.size() - std::min<std::size_t>(lag, log_.size());
    Page page{request.id, request.last, head, master ? PageSource::master : PageSource::replica, {}};
    for (auto seq = request.first; seq <= std::min(request.last, head); ++seq) page.frames.push_back(log_[seq - 1]);
    RC_ASSERT(page.frames.size() <= Subscriber::kBatch);
    act(subscriber_.page(page));
  }

  void act(Subscriber::Outcome outcome) {
    RC_ASSERT(!outcome.end);
    if (outcome.read) {
      RC_ASSERT(!read_);
      read_ = outcome.read;
    }
    if (outcome.deliver.empty()) return;
    RC_ASSERT(std::exchange(ready_, false));
    RC_ASSERT(outcome.deliver.size() <= Subscriber::kBatch);
    for (const auto& frame : outcome.deliver) see(*frame);
  }

  void see(const Frame& frame) {
    RC_ASSERT(frame.kind() != FrameKind::reset);
    if (frame.kind() == FrameKind::missed) {
      const std::string from = "\"fromSeq\":" + std::to_string(next_) + ",";
      RC_ASSERT(delivery_ == Delivery::latest);
      RC_ASSERT(frame.json().find(from) != std::string_view::npos && frame.seq() >= next_);
      next_ = frame.seq() + 1;
    } else if (frame.kind() == FrameKind::update) {
      RC_ASSERT(frame.seq() == next_);
      ++next_;
    }
  }

  Delivery delivery_;
  DeliveryFigures metrics_;
  Subscriber subscriber_;
  FrameBatch log_;
  bool ready_ = false;
  std::optional<PageRequest> read_;
  domain::Seq next_ = 1;
};

void check(Delivery delivery) {
  const bool holds = rc::check([delivery] {
    const auto step = rc::gen::build<Step>(
        rc::gen::set(&Step::what, rc::gen::map(rc::gen::inRange(0, int(Step::count)),
                                               [](int what) { return static_cast<Step::What>(what); })),
        rc::gen::set(&Step::number, rc::gen::inRange(0u, 1000u)));
    Run run{delivery};
    for (const auto& each : *rc::gen::scale(4.0, rc::gen::container<std::vector<Step>>(step))) run.take(each);
    run.calm_down();
  });
  EXPECT_TRUE(holds);
}

TEST(SubscriberProperty, ACompleteWatcherGetsNextAndNextAndNothingElse) { check(Delivery::complete); }
TEST(SubscriberProperty, ALatestWatcherIsToldEachSkippedRangeOnce) { check(Delivery::latest); }

}  // namespace
}  // namespace danwa::delivery
