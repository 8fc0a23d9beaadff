#include "usecase/delivery/interest.hpp"

#include <utility>

// A node tells each peer which channels are watched through it, so that an update goes to those nodes only. Watchers
// come and go faster than peers need to hear: a channel whose last watcher left and came back between two messages is
// in no message. A peer that connects hears everything once, in as many messages as it takes.

namespace danwa::delivery {
namespace {

constexpr char kForget = '=';
constexpr char kWatch = '+';
constexpr char kLeave = '-';
constexpr std::size_t kHead = 3;  // operation and size
constexpr std::chrono::seconds kSecond{1};
constexpr std::size_t kMostYoung = 2'048;

/// Adds an entry to the last message, or begins another one.
void append(std::vector<std::string>& messages, char operation, std::string_view channel) {
  if (messages.empty() || messages.back().size() + kHead + channel.size() > OwnInterest::kMostBytes) {
    messages.emplace_back();
  }
  auto& out = messages.back();
  out += operation;
  out += static_cast<char>(channel.size() >> 8 & 0xFF);
  out += static_cast<char>(channel.size() & 0xFF);
  out += channel;
}

}  // namespace

void OwnInterest::watched(std::string channel) {
  const auto [place, is_new] = channels_.insert(std::move(channel));
  if (is_new && news_.erase(*place) == 0) news_.insert(*place);
}

void OwnInterest::unwatched(const std::string& channel) {
  if (channels_.erase(channel) > 0 && news_.erase(channel) == 0) news_.insert(channel);
}

std::vector<std::string> OwnInterest::take_news() {
  std::vector<std::string> messages;
  for (const auto& channel : std::exchange(news_, {})) {
    append(messages, channels_.contains(channel) ? kWatch : kLeave, channel);
  }
  return messages;
}

std::vector<std::string> OwnInterest::all() const {
  std::vector<std::string> messages;
  append(messages, kForget, "");
  for (const auto& channel : channels_) append(messages, kWatch, channel);
  return messages;
}

bool PeerInterest::hear(std::string_view message, const std::function<void(const std::string& channel)>& added) {
  while (!message.empty()) {
    const auto byte = [&message](std::size_t at) { return static_cast<unsigned char>(message[at]); };
    const std::size_t size = message.size() < kHead ? 0 : static_cast<std::size_t>(byte(1) << 8 | byte(2));
    const char operation = message.front();
    const bool is_known = operation == kForget || operation == kWatch || operation == kLeave;
    if (message.size() < kHead + size || !is_known) {
      wants_all_ = true;
      return false;
    }
    std::string channel{message.substr(kHead, size)};
    message.remove_prefix(kHead + size);
    if (operation == kForget) {
      wants_all_ = false;
      channels_.clear();
    } else if (operation == kLeave) {
      channels_.erase(channel);
    } else if (const auto [place, is_new] = channels_.insert(std::move(channel)); is_new) {
      added(*place);
    }
  }
  return true;
}

void RecentlySkipped::note(const std::string& channel, Time now) {
  if (now - since_ >= kSecond || young_.size() >= kMostYoung) {
    old_ = now - since_ >= 2 * kSecond ? Channels{} : std::exchange(young_, {});
    young_.clear();
    since_ = now;
  }
  young_.insert(channel);
}

bool RecentlySkipped::has(const std::string& channel, Time now) const {
  if (now - since_ >= 2 * kSecond) return false;
  return young_.contains(channel) || old_.contains(channel);
}

}  // namespace danwa::delivery
