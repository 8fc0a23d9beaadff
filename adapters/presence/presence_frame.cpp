#include "adapters/presence/presence_frame.hpp"

#include <algorithm>

#include "adapters/json/json_text.hpp"

namespace danwa::adapters {
namespace {

constexpr std::string_view kStart = R"({"type":"presence-changed","payload":{"conversationKey":)";

}  // namespace

FramePtr encode_presence(const domain::ChannelKey& conversation, const usecase::Presence::Page& page) {
  std::string json{kStart};
  append_json_string(json, conversation.key);
  json += R"(,"count":)" + std::to_string(page.count) + R"(,"users":[)";
  for (std::size_t i = 0; i < std::min(page.users.size(), kPresenceNames); ++i) {
    if (i > 0) json += ',';
    append_json_string(json, page.users[i].value());
  }
  json += "]}}";
  return std::make_shared<const Frame>(Frame::Meta{FrameKind::ephemeral, conversation, 0, std::nullopt, false}, json);
}

bool is_presence(const Frame& frame) {
  return frame.kind() == FrameKind::ephemeral && frame.json().substr(0, kStart.size()) == kStart;
}

}  // namespace danwa::adapters
