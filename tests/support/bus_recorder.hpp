#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/frames.hpp"
#include "usecase/delivery/peer_bus.hpp"

namespace danwa::tests {

/// Keeps all that a bus says. Thread safe.
class BusRecorder final : public delivery::BusListener {
 public:
  void on_updates(std::vector<delivery::LoggedUpdate> updates) override {
    for (auto& [update, epoch] : updates) on_frame(encode_update(std::move(update), std::move(epoch)));
  }
  void on_frame(delivery::FramePtr frame) override {
    const std::scoped_lock lock{mutex_};
    frames_.push_back(std::move(frame));
  }
  void check_log(const domain::ChannelKey& channel) override {
    const std::scoped_lock lock{mutex_};
    ++looks_[channel];
  }
  void look_at_log_everywhere() override {
    const std::scoped_lock lock{mutex_};
    ++everywhere_;
  }
  void on_presence(delivery::PeerAddress from, std::string message) override {
    const std::scoped_lock lock{mutex_};
    senders_[message] = std::move(from);
    presence_.push_back(std::move(message));
  }

  delivery::FrameBatch frames(const domain::ChannelKey& channel) const {
    const std::scoped_lock lock{mutex_};
    delivery::FrameBatch found;
    const auto is_here = [&channel](const auto& frame) { return frame->channel() == channel; };
    std::copy_if(frames_.begin(), frames_.end(), std::back_inserter(found), is_here);
    return found;
  }
  std::vector<domain::Seq> seqs(const domain::ChannelKey& channel) const {
    std::vector<domain::Seq> all;
    for (const auto& frame : frames(channel)) all.push_back(frame->seq());
    return all;
  }
  std::vector<std::string> presence() const {
    const std::scoped_lock lock{mutex_};
    return presence_;
  }
  /// Whoever said this, for an answer.
  delivery::PeerAddress sender_of(const std::string& message) const {
    const std::scoped_lock lock{mutex_};
    return senders_.at(message);
  }
  std::size_t looks(const domain::ChannelKey& channel) const {
    const std::scoped_lock lock{mutex_};
    const auto found = looks_.find(channel);
    return found == looks_.end() ? 0 : found->second;
  }
  std::size_t looks_everywhere() const {
    const std::scoped_lock lock{mutex_};
    return everywhere_;
  }
  /// Everything that came, to see whether more comes.
  std::size_t calls() const {
    const std::scoped_lock lock{mutex_};
    std::size_t all = frames_.size() + presence_.size() + everywhere_;
    for (const auto& [channel, count] : looks_) all += count;
    return all;
  }

 private:
  mutable std::mutex mutex_;
  delivery::FrameBatch frames_;
  std::vector<std::string> presence_;
  std::map<std::string, delivery::PeerAddress> senders_;
  std::map<domain::ChannelKey, std::size_t> looks_;
  std::size_t everywhere_ = 0;
};

inline domain::ChannelKey room(std::string key = "room", std::string company = "demo") {
  return {domain::CompanyId::trusted(std::move(company)), domain::ChannelKind::conversation, std::move(key)};
}

/// An update of some room whose text is about `size` bytes long.
inline delivery::FramePtr update_frame(domain::Seq seq, const domain::ChannelKey& channel = room(),
                                       std::size_t size = 200) {
  return sized_frame(channel, seq, size);
}

}  // namespace danwa::tests
