#pragma once

#include <algorithm>

#include "support/in_memory_snapshot.hpp"
#include "usecase/conversations.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::tests {

/// The update log without a database; passes the same contract. Thread safe. It has a replica as far behind as
/// the log says.
class InMemoryUpdateLog final : public usecase::UpdateLog {
 public:
  explicit InMemoryUpdateLog(InMemoryLog& log) : log_{log} {}

  usecase::Async<domain::Result<Heads>> heads(std::vector<domain::ChannelKey> channels, usecase::ReadFrom) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    Heads heads{log_.epoch, {}};
    for (const auto& channel : channels) heads.seqs.push_back(log_.head(channel));
    co_return heads;
  }

  usecase::Async<domain::Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                            usecase::PageSize size, usecase::Freshness wanted) override {
    const auto snapshot = co_await choose_snapshot(log_, wanted);
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    const auto& shown = snapshot->shown;
    Page page{.updates = {}, .head = log_.head_at(channel, shown.number), .epoch = shown.epoch};
    page.position = snapshot->told(wanted);
    const auto found = log_.channels.find(channel);
    if (found != log_.channels.end()) page.oldest = found->second.oldest;
    usecase::PageText text{size.text};
    for (domain::Seq seq = std::max<domain::Seq>(first, 1); found != log_.channels.end(); ++seq) {
      if (seq < page.oldest) break;
      if (seq > last || seq > page.head || page.updates.size() == size.rows) break;
      if (!text.admits(found->second.updates[seq - 1])) break;
      page.updates.push_back(found->second.updates[seq - 1]);
    }
    co_return page;
  }

  usecase::Async<domain::Result<Listing>> conversations(ListingRequest request, usecase::Freshness wanted) override {
    const auto snapshot = co_await choose_snapshot(log_, wanted);
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    std::vector<ConversationSummary> all;
    for (const auto& [key, channel] : log_.channels) {
      if (key.company != request.company || key.is_inbox()) continue;
      all.push_back(summary_of(key, channel, request.viewer));
      all.back().head = log_.head_at(key, snapshot->shown.number);
    }
    auto listing = page_of(std::move(all), request);
    listing.position = snapshot->told(wanted);
    co_return listing;
  }

  usecase::Async<domain::Result<domain::Position>> position() override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    co_return log_.now();
  }

 private:
  static Listing page_of(std::vector<ConversationSummary> all, const ListingRequest& request) {
    usecase::ListingPage page{request};
    if (request.shown) {
      auto shown = all;
      std::erase_if(shown, [&](const ConversationSummary& row) { return !is_in_a_range(row, *request.shown); });
      if (shown.size() <= usecase::ListingPage::kMostCounted) {
        page.take_all(std::move(shown));
        return page.take();
      }
    }
    std::erase_if(all, [&](const auto& row) {
      return request.behind && request.behind->place && row.place >= *request.behind->place;
    });
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.place > b.place; });
    for (std::size_t n = 0; n < std::min(all.size(), page.most_walked()); ++n) page.look(n + 1, std::move(all[n]));
    return page.take();
  }
  static bool is_in_a_range(const ConversationSummary& row, const domain::KeyPatterns& shown) {
    const auto& ranges = shown.ranges();
    return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
      return range.first <= row.key.value() && row.key.value() < range.end;
    });
  }
  static ConversationSummary summary_of(const domain::ChannelKey& key, const InMemoryLog::Channel& channel,
                                        const domain::UserId& viewer) {
    return {.key = domain::ConversationKey::trusted(key.key),
            .head = channel.updates.size(),
            .last_activity = channel.last_activity,
            .title = channel.title,
            .visibility = channel.visibility,
            .member = channel.members.contains(viewer),
            .place = channel.positions.empty() ? 0 : channel.positions.back()};
  }

  InMemoryLog& log_;
};

}  // namespace danwa::tests
