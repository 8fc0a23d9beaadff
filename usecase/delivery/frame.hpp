#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/channel/cursor.hpp"
#include "domain/update/update.hpp"

namespace danwa::delivery {

/// The place of a merged watch: its channels, by ChannelKey::local_name, in the order of the watch.
struct MergedPosition {
  std::vector<std::string> channels;
  domain::MergedCursor cursor;

  domain::Seq in(const domain::ChannelKey& channel) const;
};

/// The place of a watch: of its one channel, or of all channels of a merged watch.
using WatchPosition = std::variant<domain::Cursor, MergedPosition>;

/// The first frame of every watch. `channel` is the first channel of the watch.
struct Watching {
  domain::ChannelKey channel;
  WatchPosition position;
  std::string node;
};

/// A watcher missed the updates [from, to] of the channel.
struct UpdatesMissed {
  domain::ChannelKey channel;
  domain::Seq from = 0;
  domain::Seq to = 0;
};

/// The watcher must load `channel` afresh, then watch after `position`.
struct Reset {
  domain::ChannelKey channel;
  WatchPosition position;
};

/// The people who watch a conversation now. Each frame is complete, so it replaces the one before.
struct PresenceChanged {
  domain::ChannelKey channel;
  std::size_t count = 0;              ///< of all people present
  std::vector<domain::UserId> users;  ///< the first of them, by id
  friend bool operator==(const PresenceChanged&, const PresenceChanged&) = default;
};

using FrameContent = std::variant<domain::Update, Watching, UpdatesMissed, Reset, PresenceChanged>;

/// The alternatives of FrameContent, in their order.
enum class FrameKind : std::uint8_t { update, watching, missed, reset, ephemeral };

/// A whole WebSocket text frame as a server sends it (RFC 6455 section 5.2: FIN, opcode 1, no mask), behind some unused
/// bytes. They are the place for a header of any length, which is written last, so that no text is moved.
struct EncodedFrame {
  std::string bytes;
  std::uint8_t frame = 0;    ///< the frame begins here in `bytes` and goes to their end
  std::uint8_t payload = 0;  ///< its JSON text begins here
};

/// Writes frames for WebSocket clients. Thread safe; outlives all frames.
class FrameEncoder {
 public:
  virtual ~FrameEncoder() = default;
  virtual EncodedFrame encode(const FrameContent& content) const = 0;
};

class Frame;
using FramePtr = std::shared_ptr<const Frame>;
using FrameBatch = std::vector<FramePtr>;

/// One message to watchers, with its encoding, which all watchers of the node share. Immutable, except for `redact`.
/// Thread safe.
class Frame {
 public:
  /// `epoch` is that of the update's log. It is empty where the log is known, as for a page of the log.
  Frame(FrameContent content, const FrameEncoder& encoder, domain::Epoch epoch = {});

  const FrameContent& content() const { return content_; }
  FrameKind kind() const { return static_cast<FrameKind>(content_.index()); }
  const domain::Update* update() const { return std::get_if<domain::Update>(&content_); }  ///< null: another kind
  const domain::ChannelKey& channel() const;
  domain::Seq seq() const { return seq_; }  ///< of the update; the position for the other kinds
  const domain::Epoch& epoch() const { return epoch_; }

  /// The comment that the update is about; null: none.
  const domain::CommentId* comment() const { return update() ? domain::comment_of(update()->body) : nullptr; }

  /// Whether it takes the text out of all frames of its comment with a lower seq.
  bool takes_text() const { return takes_text_; }

  /// Whether `user` may have lost access to the updates behind it.
  bool may_revoke(const domain::UserId& user) const { return update() && domain::may_revoke(update()->body, user); }

  std::string_view websocket_frame() const { return std::string_view{encoded_.bytes}.substr(encoded_.frame); }
  std::string_view json() const { return std::string_view{encoded_.bytes}.substr(encoded_.payload); }

  /// Its size in memory, in bytes, without names and ids.
  std::size_t size() const { return size_; }

  /// From now on `current` returns the same update without its text. A frame without text stays as it is.
  void redact() const;

  /// The frame to show now: `frame`, or its replacement after `redact`.
  static const FramePtr& current(const FramePtr& frame) {
    return frame->is_redacted_.load(std::memory_order_acquire) ? frame->replacement_ : frame;
  }

 private:
  FrameContent content_;
  const FrameEncoder& encoder_;  // of the replacement
  domain::Epoch epoch_;
  domain::Seq seq_;
  EncodedFrame encoded_;
  std::size_t size_;
  bool takes_text_;               // every watcher asks
  mutable FramePtr replacement_;  // written once, before is_redacted_
  mutable std::atomic<bool> is_redacted_{false};
  mutable std::atomic<bool> redacting_{false};
};

}  // namespace danwa::delivery
