#include "usecase/presence/presence_stream.hpp"

#include <algorithm>
#include <iterator>

namespace danwa::presence {

void PresenceCoverage::begin(const domain::ChannelKey& channel, Time now) {
  if (!fresh()) batches_.push_back({now + kPatience});
  batches_.back().channels.push_back(channel);
}

/// A node whose stream begins later than a batch answers the batch with the version of its first announcement.
void PresenceCoverage::announced(const Versions& versions) {
  for (auto& batch : batches_) {
    if (!batch.announced) batch.missing = versions;
    batch.announced = true;
    for (auto& [node, version] : batch.missing) {
      const auto known = versions.find(node);
      if (!version && known != versions.end()) version = known->second;
    }
  }
}

std::vector<domain::ChannelKey> PresenceCoverage::take(Time now, bool alone, const Answered& answered) {
  std::vector<domain::ChannelKey> covered;
  for (auto batch = batches_.begin(); batch != batches_.end();) {
    auto& missing = batch->missing;
    std::erase_if(missing, [&](const auto& one) { return answered(one.first, one.second); });
    const bool all = alone || (batch->announced && missing.empty());
    if (!all && now < batch->deadline) {
      ++batch;
      continue;
    }
    std::move(batch->channels.begin(), batch->channels.end(), std::back_inserter(covered));
    batch = batches_.erase(batch);
  }
  return covered;
}

}  // namespace danwa::presence
