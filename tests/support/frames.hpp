#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "adapters/protocol/websocket/frame_writer.hpp"
#include "adapters/updates/update_json.hpp"
#include "support/comments.hpp"
#include "usecase/ports/presence.hpp"

namespace danwa::tests {

inline delivery::FramePtr frame_of(delivery::FrameContent content, domain::Epoch epoch = {}) {
  return std::make_shared<const delivery::Frame>(std::move(content), adapters::json_frames(), std::move(epoch));
}
inline delivery::FramePtr encode_update(domain::Update update, domain::Epoch epoch = {}) {
  return frame_of(std::move(update), std::move(epoch));
}
inline delivery::FramePtr encode_watching(const domain::ChannelKey& channel, domain::Cursor cursor, std::string node) {
  return frame_of(delivery::Watching{channel, std::move(cursor), std::move(node)});
}
inline delivery::FramePtr encode_watching(const domain::ChannelKey& channel, delivery::MergedPosition position,
                                          std::string node) {
  return frame_of(delivery::Watching{channel, std::move(position), std::move(node)});
}
inline delivery::FramePtr encode_reset(const domain::ChannelKey& channel, domain::Cursor cursor) {
  return frame_of(delivery::Reset{channel, std::move(cursor)});
}
inline delivery::FramePtr encode_reset(const domain::ChannelKey& channel, delivery::MergedPosition position) {
  return frame_of(delivery::Reset{channel, std::move(position)});
}
inline delivery::FramePtr encode_missed(const domain::ChannelKey& channel, domain::Seq from, domain::Seq to) {
  return frame_of(delivery::UpdatesMissed{channel, from, to});
}
inline delivery::FramePtr encode_presence(const domain::ChannelKey& channel, const usecase::Presence::Page& page) {
  return frame_of(delivery::PresenceChanged{channel, page.count, page.users});
}

/// Some frame that no log holds.
inline delivery::FramePtr ephemeral(const domain::ChannelKey& channel) { return encode_presence(channel, {}); }

/// What is shown of such a frame once its text was taken.
inline delivery::FramePtr redacted(const delivery::Frame& frame) {
  const auto same = encode_update(*frame.update(), frame.epoch());
  same->redact();
  return delivery::Frame::current(same);
}

/// A text of about `bytes` bytes that a comment may have, up to 40,000.
inline domain::CommentContent sized_text(std::size_t bytes) {
  if (bytes <= domain::CommentContent::kMost) return domain::CommentContent::trusted(std::string(bytes, 'x'));
  std::string text;
  while (text.size() < bytes) text += "\xF0\x9F\x98\x80";
  return domain::CommentContent::trusted(std::move(text));
}

/// An update of `channel`: a comment with a text of about `bytes` bytes, whose id is `seq`.
inline delivery::FramePtr sized_frame(const domain::ChannelKey& channel, domain::Seq seq, std::size_t bytes) {
  domain::CommentAdded added{comment_id(seq), user(), sized_text(bytes), {}};
  return encode_update({channel, seq, at(0), std::move(added)}, "e");
}

/// Shows the text of a comment as it stands, as if it were the JSON of the frame; "gone" once it was taken.
class RawFrames final : public delivery::FrameEncoder {
 public:
  delivery::EncodedFrame encode(const delivery::FrameContent& content) const override {
    namespace websocket = adapters::websocket;
    const auto& added = std::get<domain::CommentAdded>(std::get<domain::Update>(content).body);
    delivery::EncodedFrame out;
    out.bytes = std::string(websocket::kMaxHeader, ' ') + (added.content ? added.content->value() : "gone");
    out.payload = websocket::kMaxHeader;
    out.frame = static_cast<std::uint8_t>(websocket::write_header(out.bytes, out.payload, websocket::Opcode::text));
    return out;
  }
};

/// Update `seq` of `channel` whose JSON is `json`.
inline delivery::FramePtr raw_frame(const domain::ChannelKey& channel, domain::Seq seq, std::string_view json) {
  static const RawFrames encoder;
  domain::CommentAdded added{comment_id(seq), user(), domain::CommentContent::trusted(std::string{json}), {}};
  return std::make_shared<const delivery::Frame>(domain::Update{channel, seq, at(0), std::move(added)}, encoder);
}

}  // namespace danwa::tests
