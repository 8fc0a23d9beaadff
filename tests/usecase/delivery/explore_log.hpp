#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "support/frames.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/ports/credentials.hpp"

namespace danwa::exploration {

using domain::Seq;

/// What can happen to the log. `restore` replaces it by its own past, without the newest update if there is one, under
/// a new epoch.
enum class Change : std::uint8_t { comment, revoke, admit, restore };

/// The log at one moment: its epoch, and its updates by number.
struct Snapshot {
  static constexpr Seq kMost = 7;

  std::uint8_t epoch = 0;
  std::uint8_t head = 0;
  std::array<Change, kMost + 1> updates{};

  bool admitted() const { return admitted_at(head); }

  /// Whether the guarded person may see update `seq`: they had the right before it, or have it again since.
  bool may_see(Seq seq) const {
    for (Seq at = seq - 1; at <= head; ++at) {
      if (admitted_at(at)) return true;
    }
    return false;
  }

 private:
  bool admitted_at(Seq at) const {
    for (; at > 0; --at) {
      if (updates[at] == Change::revoke) return false;
      if (updates[at] == Change::admit) return true;
    }
    return true;
  }
};

/// All changes of the log so far. A moment of it is the number of changes before.
class Log {
 public:
  using Moment = std::uint8_t;

  Moment now() const { return size_; }
  Snapshot at(Moment moment) const {
    Snapshot shown;
    for (Moment i = 0; i < moment; ++i) {
      if (changes_[i] != Change::restore) {
        shown.updates[++shown.head] = changes_[i];
        continue;
      }
      ++shown.epoch;
      if (shown.head > 0) --shown.head;
    }
    return shown;
  }
  Snapshot present() const { return at(size_); }
  void add(Change change) { changes_.at(size_++) = change; }
  std::size_t posts() const {
    std::size_t count = 0;
    for (Moment i = 0; i < size_; ++i) count += changes_[i] != Change::restore;
    return count;
  }
  std::uint64_t number() const {
    std::uint64_t all = size_;
    for (Moment i = 0; i < size_; ++i) all = all << 2 | static_cast<std::uint64_t>(changes_[i]);
    return all;
  }

  static const domain::ChannelKey& key() {
    static const domain::ChannelKey room{domain::CompanyId::trusted("c"), domain::ChannelKind::conversation, "r"};
    return room;
  }
  static const domain::UserId& guarded() {
    static const domain::UserId user = domain::UserId::trusted("m");
    return user;
  }
  static const domain::Epoch& name(std::uint8_t epoch) {
    static const std::array<domain::Epoch, 8> names{"e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7"};
    return names.at(epoch);
  }
  static std::uint8_t number(const domain::Epoch& epoch) { return static_cast<std::uint8_t>(epoch.at(1) - '0'); }

  /// The one object of an update: the bus and the pages of all explored states share it.
  static const delivery::FramePtr& frame(std::uint8_t epoch, Seq seq, Change change);

 private:
  std::array<Change, 12> changes_{};
  Moment size_ = 0;
};

/// Encodes nothing: nobody reads the bytes.
class NoBytes final : public delivery::FrameEncoder {
 public:
  delivery::EncodedFrame encode(const delivery::FrameContent& /*content*/) const override { return {}; }
};

inline const NoBytes kNoBytes;

inline const delivery::FramePtr& Log::frame(std::uint8_t epoch, Seq seq, Change change) {
  static std::array<std::array<std::array<delivery::FramePtr, 3>, Snapshot::kMost + 1>, 8> all;
  auto& one = all.at(epoch).at(seq).at(static_cast<std::size_t>(change));
  if (one) return one;
  const auto& by = guarded();
  domain::UpdateBody body = domain::CommentAdded{{}, by, std::nullopt, std::nullopt};
  if (change == Change::revoke) body = domain::MemberRemoved{{}, by, by};
  if (change == Change::admit) body = domain::MemberAdded{{}, by, by};
  one = std::make_shared<const delivery::Frame>(domain::Update{key(), seq, {}, std::move(body)}, kNoBytes, name(epoch));
  return one;
}

}  // namespace danwa::exploration
