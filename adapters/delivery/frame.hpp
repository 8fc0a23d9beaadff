#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/update/update.hpp"

namespace danwa::adapters {

enum class FrameKind : std::uint8_t { update, watching, missed, reset, ephemeral };

class Frame;
using FramePtr = std::shared_ptr<const Frame>;
using FrameBatch = std::vector<FramePtr>;

/// One thing a watcher sees, encoded once and shared by all watchers of the node. Immutable, but for
/// `redact`. Thread safe.
///
/// The bytes are a whole WebSocket text frame as a server sends it (RFC 6455 section 5.2: FIN, opcode 1,
/// no mask); `json()` is its payload, for every other wire format.
class Frame {
 public:
  struct Meta {
    FrameKind kind;
    domain::ChannelKey channel;
    domain::Seq seq = 0;                       ///< of the update; the position for the other kinds
    std::optional<domain::CommentId> comment;  ///< whose text it may hold
    bool deletes = false;                      ///< a comment-deleted: earlier frames of `comment` lose their text
    std::optional<domain::UserId> expels{};    ///< whose membership it ends
    bool closes = false;                       ///< the conversation is private from here on
    bool redacts = false;                      ///< an edit: earlier frames of `comment` lose their text
    domain::Epoch epoch{};                     ///< of the log that the update is of; empty: not named
  };

  Frame(Meta meta, std::string_view json);

  FrameKind kind() const { return meta_.kind; }
  const domain::ChannelKey& channel() const { return meta_.channel; }
  domain::Seq seq() const { return meta_.seq; }
  const domain::Epoch& epoch() const { return meta_.epoch; }
  const std::optional<domain::CommentId>& comment() const { return meta_.comment; }
  bool deletes() const { return meta_.deletes; }
  bool redacts() const { return meta_.redacts; }

  /// Whether the frames of its comment with a lower seq lose their text by it.
  bool takes_text() const { return meta_.deletes || meta_.redacts; }

  /// Whether `user` may have lost the right to see what follows.
  bool may_shut_out(const domain::UserId& user) const { return meta_.closes || meta_.expels == user; }
  const std::optional<domain::UserId>& expels() const { return meta_.expels; }
  bool closes() const { return meta_.closes; }

  std::string_view websocket_frame() const { return bytes_; }
  std::string_view json() const { return std::string_view{bytes_}.substr(header_size_); }

  /// From now on `current` gives `replacement` (same seq, no text) instead of this. The first call
  /// counts. Called by the owner of the tail cache that holds this frame.
  void redact(FramePtr replacement) const;
  bool redacted() const { return is_redacted_.load(std::memory_order_acquire); }

  /// What may be shown now: `frame`, or its replacement once its text was taken.
  static const FramePtr& current(const FramePtr& frame) { return frame->redacted() ? frame->replacement_ : frame; }

 private:
  Meta meta_;
  std::uint8_t header_size_ = 0;
  std::string bytes_;
  mutable FramePtr replacement_;  // written once, before is_redacted_
  mutable std::atomic<bool> is_redacted_{false};
  mutable std::atomic<bool> redacting_{false};
};

/// The JSON frame of an update (DESIGN section 9): `{"type": ..., "payload": {...}}`.
/// `epoch`: of the log that the update is of; left out where that is known anyway, as of a page read from the log.
FramePtr encode_update(const domain::Update& update, const domain::Epoch& epoch = {});

/// The same update without its text: `commentContent: null, redacted: true`.
FramePtr encode_redacted(const Frame& frame);

/// `watching {conversationKey, cursor, node}`: the first frame of every watch of one conversation.
FramePtr encode_watching(const domain::ChannelKey& channel, const domain::Cursor& cursor, std::string_view node);

/// `updates-missed {conversationKey, fromSeq, toSeq}`, both included; an inbox names its `channel` instead.
FramePtr encode_missed(const domain::ChannelKey& channel, domain::Seq from, domain::Seq to);

/// `reset {cursor}`: load afresh, then watch after `cursor`.
FramePtr encode_reset(const domain::ChannelKey& channel, const domain::Cursor& cursor);

}  // namespace danwa::adapters
