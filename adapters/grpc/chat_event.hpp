#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/delivery/frame.hpp"
#include "domain/channel/cursor.hpp"

namespace danwa::adapters::rpc {

/// One thing that a stream tells, with the fields of chat.proto's ChatResponse; what does not apply is empty.
struct ChatEvent {
  std::string kind;
  std::string message;
  std::string conversation_key;
  std::string author;
  std::string by;
  domain::Seq seq = 0;
  std::string epoch;
  std::string sent_at;
  std::string cursor;
  std::string comment_id;
  std::string client_ref;
  bool redacted = false;
  bool redacts = false;
  std::string user;
  std::string title;
  std::string visibility;
  domain::Seq from_seq = 0;
  std::vector<std::string> users;
  std::uint64_t user_count = 0;
  std::string node;

  /// Whether the simplest client, which knows `message` alone, is told.
  bool is_spoken() const { return kind == "comment-added" && !redacted; }
};

/// What a frame of this content tells a stream whose log has the epoch of `position`. Moves `position` behind it.
ChatEvent to_event(const FrameContent& content, domain::Cursor& position);

}  // namespace danwa::adapters::rpc
