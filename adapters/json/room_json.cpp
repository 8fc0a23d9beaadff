#include "adapters/json/room_json.hpp"

#include "adapters/json/object_writer.hpp"

namespace danwa::adapters {

std::string to_json(const usecase::ConversationRepository::View& view) {
  std::string out;
  ObjectWriter object{out};
  object.text("conversationKey", view.conversation.key.value());
  object.optional_text("title", view.conversation.title);
  object.text("visibility", domain::to_string(view.conversation.visibility));
  object.number("headSeq", view.head);
  if (view.standing.role) {
    object.text("role", domain::to_string(*view.standing.role));
  } else {
    object.raw("role", "null");
  }
  object.end();
  return out;
}

std::string to_json(const domain::Member& member, std::string_view conversation_key) {
  std::string out;
  ObjectWriter object{out};
  object.text("conversationKey", conversation_key);
  object.text("userId", member.user.value());
  object.text("role", domain::to_string(member.role));
  object.text("joinedAt", domain::to_rfc3339(member.joined_at));
  object.number("seq", member.seq);
  object.end();
  return out;
}

std::string to_json(const usecase::ConversationRepository::Members& members) {
  const auto append = [](std::string& out, const domain::Member& member) {
    ObjectWriter object{out};
    object.text("userId", member.user.value());
    object.text("role", domain::to_string(member.role));
    object.text("joinedAt", domain::to_rfc3339(member.joined_at));
    object.end();
  };
  std::string out;
  ObjectWriter object{out};
  object.raw("members", json_array(members.members, append));
  if (members.more && !members.members.empty()) object.text("next", members.members.back().user.value());
  object.end();
  return out;
}

}  // namespace danwa::adapters
