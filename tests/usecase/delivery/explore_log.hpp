#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "explore_state.hpp"
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
    if (moment == size_) return present_;
    Snapshot shown;
    for (Moment i = 0; i < moment; ++i) apply(changes_[i], shown);
    return shown;
  }
  const Snapshot& present() const { return present_; }
  void add(Change change) {
    changes_.at(size_++) = change;
    apply(change, present_);
    if (change != Change::restore) ++posts_;
  }
  std::size_t posts() const { return posts_; }
  /// The log at moment `from` and everything that came later.
  void add_to(delivery::Digest& digest, Moment from) const {
    const auto code = [&digest](Change change) {
      const bool same = !digest.bodies && change != Change::restore;
      return static_cast<std::uint64_t>(same ? Change::comment : change);
    };
    const auto first = at(from);
    std::uint64_t all = posts_;
    for (Seq seq = 1; seq <= first.head; ++seq) all = all << 2 | code(first.updates[seq]);
    digest.add(all << 16 | static_cast<std::uint64_t>(first.epoch << 8 | first.head));
    all = size_ - from + 1U;
    for (Moment i = from; i < size_; ++i) all = all << 2 | code(changes_[i]);
    digest.add(all);
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

  /// The one object of an update: the bus and the pages of all explored states share it. It lives as long as the
  /// program and has no counter of owners, so a state that is given up need not let go of it.
  static const delivery::FramePtr& frame(std::uint8_t epoch, Seq seq, Change change);

 private:
  static void apply(Change change, Snapshot& shown) {
    if (change != Change::restore) {
      shown.updates.at(++shown.head) = change;
      return;
    }
    ++shown.epoch;
    if (shown.head > 0) --shown.head;
  }

  std::array<Change, 12> changes_{};
  Moment size_ = 0;
  std::uint8_t posts_ = 0;
  Snapshot present_;  // after all of them
};

/// Encodes nothing: nobody reads the bytes.
class NoBytes final : public delivery::FrameEncoder {
 public:
  delivery::EncodedFrame encode(const delivery::FrameContent& /*content*/) const override { return {}; }
};

inline const NoBytes kNoBytes;

/// Made when the program starts.
class AllFrames {
 public:
  AllFrames() {
    for (std::uint8_t epoch = 0; epoch < all_.size(); ++epoch) {
      for (Seq seq = 0; seq <= Snapshot::kMost; ++seq) {
        for (const auto change : {Change::comment, Change::revoke, Change::admit}) add(epoch, seq, change);
      }
    }
  }
  const delivery::FramePtr& at(std::uint8_t epoch, Seq seq, Change change) const {
    return all_.at(epoch).at(seq).at(static_cast<std::size_t>(change));
  }

 private:
  void add(std::uint8_t epoch, Seq seq, Change change) {
    const auto& by = Log::guarded();
    domain::UpdateBody body = domain::CommentAdded{{}, by, std::nullopt, std::nullopt};
    if (change == Change::revoke) body = domain::MemberRemoved{{}, by, by};
    if (change == Change::admit) body = domain::MemberAdded{{}, by, by};
    owned_.push_back(std::make_unique<const delivery::Frame>(domain::Update{Log::key(), seq, {}, std::move(body)},
                                                             kNoBytes, Log::name(epoch)));
    all_.at(epoch).at(seq).at(static_cast<std::size_t>(change)) =
        delivery::FramePtr{delivery::FramePtr{}, owned_.back().get()};
  }

  std::vector<std::unique_ptr<const delivery::Frame>> owned_;
  std::array<std::array<std::array<delivery::FramePtr, 3>, Snapshot::kMost + 1>, 8> all_;
};

inline const AllFrames kAllFrames;

inline const delivery::FramePtr& Log::frame(std::uint8_t epoch, Seq seq, Change change) {
  return kAllFrames.at(epoch, seq, change);
}

}  // namespace danwa::exploration
