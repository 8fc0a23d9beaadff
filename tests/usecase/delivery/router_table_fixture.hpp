#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "frames.hpp"
#include "usecase/delivery/router_table.hpp"

namespace danwa::delivery {

/// A router's table, and what it wants to be done.
struct RouterTableTest : testing::Test {
  RegistrationPtr watch(std::optional<domain::Cursor> after = std::nullopt,
                        domain::ChannelKey channel = tests::lobby()) {
    auto who = std::make_shared<Registration>(usecase::WatchedChannel{std::move(channel), std::move(after)});
    table.watch(who, now);
    return who;
  }
  RegistrationPtr watch_after(domain::Seq seq) { return watch(domain::Cursor{std::nullopt, seq}); }

  /// The effects of kind `Effect` so far; the others stay.
  template <class Effect>
  std::vector<Effect> take() {
    std::vector<Effect> found;
    std::vector<RouterEffect> rest;
    for (auto& effect : table.effects()) {
      if (auto* one = std::get_if<Effect>(&effect)) {
        found.push_back(std::move(*one));
      } else {
        rest.push_back(std::move(effect));
      }
    }
    table.effects() = std::move(rest);
    return found;
  }
  std::vector<domain::Seq> announced() {
    table.flush();
    std::vector<domain::Seq> all;
    for (const auto& effect : take<Announce>()) {
      for (const auto seq : tests::seqs(effect.frames)) all.push_back(seq);
    }
    return all;
  }
  void announce(domain::Seq first, domain::Seq last, const domain::Epoch& epoch = "e") {
    for (const auto& frame : tests::added_range(first, last, epoch)) table.announce(frame, now);
  }
  void answer_head(domain::Seq seq, const domain::Epoch& epoch = "e") {
    for (const auto& read : take<ReadHead>()) table.on_head(read.token, usecase::UpdateLog::Head{epoch, seq}, now);
  }
  void pass(std::chrono::milliseconds duration) {
    now += duration;
    table.tick(now);
  }

  DeliveryFigures metrics;
  Time now{std::chrono::hours{1}};
  RouterTable table{{}, metrics};
};

}  // namespace danwa::delivery
