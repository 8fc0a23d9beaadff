#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "support/storage.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::tests {

/// Keeps what a log tail tells. Thread safe.
class TailRecord final : public usecase::TailListener {
 public:
  void on_growth(std::span<const Growth> channels) override {
    const std::scoped_lock lock{mutex_};
    ++calls_;
    for (const auto& growth : channels) heads_[growth.channel] = growth.head;
  }
  void on_epoch(const domain::Epoch& epoch) override {
    const std::scoped_lock lock{mutex_};
    epoch_ = epoch;
  }
  void on_looked(const domain::Epoch&, std::optional<std::uint64_t> position) override {
    const std::scoped_lock lock{mutex_};
    ++looks_;
    position_ = position;
  }
  domain::Seq head(const domain::ChannelKey& channel = Storage::lobby()) const {
    const std::scoped_lock lock{mutex_};
    const auto found = heads_.find(channel);
    return found == heads_.end() ? 0 : found->second;
  }
  domain::Epoch epoch() const {
    const std::scoped_lock lock{mutex_};
    return epoch_;
  }
  int looks() const {
    const std::scoped_lock lock{mutex_};
    return looks_;
  }
  std::optional<std::uint64_t> position() const {
    const std::scoped_lock lock{mutex_};
    return position_;
  }
  int calls() const {
    const std::scoped_lock lock{mutex_};
    return calls_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<domain::ChannelKey, domain::Seq> heads_;
  domain::Epoch epoch_;
  int calls_ = 0;
  int looks_ = 0;
  std::optional<std::uint64_t> position_;
};

}  // namespace danwa::tests
