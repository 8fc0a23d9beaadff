#pragma once

#include <algorithm>

#include "support/in_memory_snapshot.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::tests {

/// The update log without a database; passes the same contract. Thread safe. It has a replica as far behind as
/// the log says.
class InMemoryUpdateLog final : public usecase::UpdateLog {
 public:
  explicit InMemoryUpdateLog(InMemoryLog& log) : log_{log} {}

  usecase::Async<domain::Result<Head>> head(domain::ChannelKey channel, usecase::ReadFrom) override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    co_return Head{log_.epoch, log_.head(channel)};
  }

  usecase::Async<domain::Result<Page>> read(domain::ChannelKey channel, domain::Seq first, domain::Seq last,
                                            std::size_t limit, usecase::Freshness wanted) override {
    const auto snapshot = co_await choose_snapshot(log_, wanted);
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    const auto& shown = snapshot->shown;
    Page page{.updates = {}, .head = log_.head_at(channel, shown.number), .epoch = shown.epoch};
    page.position = snapshot->told(wanted);
    const auto found = log_.channels.find(channel);
    if (found != log_.channels.end()) page.oldest = found->second.oldest;
    for (domain::Seq seq = std::max<domain::Seq>(first, 1); found != log_.channels.end(); ++seq) {
      if (seq < page.oldest) break;
      if (seq > last || seq > page.head || page.updates.size() == limit) break;
      page.updates.push_back(found->second.updates[seq - 1]);
    }
    co_return page;
  }

  usecase::Async<domain::Result<Listing>> conversations(domain::CompanyId company, domain::UserId viewer,
                                                        std::optional<ConversationMark> behind, std::size_t limit,
                                                        usecase::Freshness wanted) override {
    const auto snapshot = co_await choose_snapshot(log_, wanted);
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    std::vector<ConversationSummary> all;
    for (const auto& [key, channel] : log_.channels) {
      if (key.company != company || key.is_inbox() || !log_.enter(key, viewer)) continue;
      auto summary = summary_of(key, channel, viewer);
      summary.head = log_.head_at(key, snapshot->shown.number);
      if (summary.head == 0) continue;
      if (!behind || comes_behind(summary, *behind)) all.push_back(std::move(summary));
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.place > b.place; });
    if (all.size() > limit) all.erase(all.begin() + std::ptrdiff_t(limit), all.end());
    co_return Listing{std::move(all), snapshot->told(wanted)};
  }

  usecase::Async<domain::Result<domain::Position>> position() override {
    const std::scoped_lock lock{log_.mutex};
    if (auto refused = log_.refusal()) co_return domain::fail(std::move(*refused));
    co_return log_.now();
  }

 private:
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
  static bool comes_behind(const ConversationSummary& summary, const ConversationMark& mark) {
    return (!mark.place || summary.place < *mark.place) && (!mark.before || summary.last_activity < *mark.before);
  }

  InMemoryLog& log_;
};

}  // namespace danwa::tests
