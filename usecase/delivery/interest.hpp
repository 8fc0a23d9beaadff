#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace danwa::delivery {

/// The channels that a node watches, and what its peers still have to hear of it. A message is text of ours:
///
///     an entry: u8 operation | u16 size, big endian | channel, in its text form
///     operation: '=' forget all that I said (size 0), '+' I watch it now, '-' I do not any more
///
/// Messages of one sender count in their order. Not thread safe.
class OwnInterest {
 public:
  static constexpr std::size_t kMostBytes = 60 * 1024;  ///< of a message

  void watched(std::string channel);
  void unwatched(const std::string& channel);

  /// Whether a peer that knows the rest has something to hear.
  bool has_news() const { return !news_.empty(); }

  /// What has changed since the last call. A channel that was left and watched again is no news.
  std::vector<std::string> take_news();

  /// There is no peer that knows anything.
  void forget_news() { news_.clear(); }

  /// Everything, for a peer that knows nothing; begins with '='.
  std::vector<std::string> all() const;

 private:
  std::set<std::string, std::less<>> channels_;
  std::set<std::string, std::less<>> news_;  // those whose state the peers know otherwise
};

/// The channels that a peer wants. Until it has said anything it wants all of them: a peer of a former version says
/// nothing. Owned by: the event bus actor.
class PeerInterest {
 public:
  /// Takes a message of the peer, and calls `added` for each channel that it did not want before. False: the message is
  /// malformed; the peer then wants everything until it begins anew with '='.
  bool hear(std::string_view message, const std::function<void(const std::string& channel)>& added);

  bool wants(const std::string& channel) const { return wants_all_ || channels_.contains(channel); }

 private:
  bool wants_all_ = true;
  std::unordered_set<std::string> channels_;
};

/// The channels of updates that were not sent to some peer a moment ago. If that peer wants one of them now, its word
/// and the update have passed each other on the way. Remembers a channel for at least a second, or until 2,048 others
/// came; what it has forgotten is found by the log's tail. Owned by: the event bus actor.
class RecentlySkipped {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void note(const std::string& channel, Time now);
  bool has(const std::string& channel, Time now) const;

 private:
  using Channels = std::unordered_set<std::string>;
  Channels young_, old_;  // the present second, and the one before
  Time since_{};          // of the young ones
};

}  // namespace danwa::delivery
