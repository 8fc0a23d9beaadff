#include "adapters/rest/resource_json.hpp"

#include <chrono>

#include "adapters/protocol/json/json_writer.hpp"
#include "adapters/updates/update_json.hpp"

namespace danwa::adapters {

// The JSON of the resources. It is written straight into a text, in the order of the fields below, and not built as a
// tree: a page of 1,000 comments would be about 10,000 nodes that live for one answer. Updates are written by the
// function that writes live frames, so a page of the log and a watcher show the same JSON.

namespace {

void append(std::string& out, const domain::Comment& comment) {
  ObjectWriter object{out};
  object.text("id", comment.id.to_string());
  object.text("content", comment.content.value());
  object.text("authorId", comment.author.value());
  object.text("conversationKey", comment.conversation.value());
  object.number("seq", comment.seq);
  object.number("version", comment.version);
  object.text("createdAt", domain::to_rfc3339(comment.created_at));
  object.text("updatedAt", domain::to_rfc3339(comment.updated_at));
  if (comment.client_ref) object.text("clientRef", *comment.client_ref);
  object.end();
}

void append(std::string& out, const usecase::UpdateLog::ConversationSummary& summary) {
  ObjectWriter object{out};
  object.text("conversationKey", summary.key.value());
  object.number("headSeq", summary.head);
  object.text("lastActivity", domain::to_rfc3339(summary.last_activity));
  object.optional_text("title", summary.title);
  object.text("visibility", domain::to_string(summary.visibility));
  object.raw("member", summary.member ? "true" : "false");
  object.end();
}

/// Calls the `append` that belongs to the type of the element.
constexpr auto kAppend = [](std::string& out, const auto& element) { append(out, element); };

}  // namespace

std::string to_json(const domain::Comment& comment) {
  std::string out;
  append(out, comment);
  return out;
}

std::string to_json(const usecase::CommentRepository::Page& page, const HistoryLinks& links) {
  std::string out;
  ObjectWriter object{out};
  object.raw("comments", json_array(page.comments, kAppend));
  object.number("headSeq", page.head);
  object.text("epoch", page.epoch);
  if (links.prev) object.number("prev", *links.prev);
  if (links.next) object.number("next", *links.next);
  object.end();
  return out;
}

std::string to_json(const usecase::ReadUpdates::Output& output, domain::Seq after) {
  const auto& page = output.page;
  const domain::Seq last = page.updates.empty() ? after : page.updates.back().seq;
  const domain::Cursor next{page.epoch, output.reset ? page.head : last};
  std::string out;
  ObjectWriter object{out};
  object.raw("updates", json_array(page.updates, append_json));
  object.number("headSeq", page.head);
  object.text("epoch", page.epoch);
  object.text("next", next.to_string());
  if (output.reset) object.raw("reset", "true");
  object.end();
  return out;
}

std::string to_json(const usecase::UpdateLog::Listing& listing) {
  std::string out;
  ObjectWriter object{out};
  object.raw("conversations", json_array(listing.conversations, kAppend));
  if (listing.next) object.text("next", to_text(*listing.next));
  object.end();
  return out;
}

std::string to_json(const usecase::ConversationRepository::AccessContext& view) {
  std::string out;
  ObjectWriter object{out};
  object.text("conversationKey", view.conversation.key.value());
  object.optional_text("title", view.conversation.title);
  object.text("visibility", domain::to_string(view.conversation.visibility));
  object.number("headSeq", view.head);
  if (view.membership.role) {
    object.text("role", domain::to_string(*view.membership.role));
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

namespace {

std::string recipient(const domain::ChannelKey& to) {
  std::string out;
  ObjectWriter object{out};
  object.text(domain::to_string(to.kind), to.key);
  object.end();
  return out;
}

std::uint64_t unix_seconds(domain::Timestamp time) {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

}  // namespace

std::string to_json(const domain::Notification& notification) {
  std::string out;
  ObjectWriter object{out};
  object.text("id", notification.id.to_string());
  object.raw("to", recipient(notification.to));
  object.text("text", notification.text.value());
  object.text("senderId", notification.sender.value());
  object.number("seq", notification.seq);
  object.number("timestamp", unix_seconds(notification.created_at));
  object.text("createdAt", domain::to_rfc3339(notification.created_at));
  object.end();
  return out;
}

std::string to_json(const usecase::ReadNotifications::Output& output) {
  std::string out;
  ObjectWriter object{out};
  object.raw("updates", json_array(output.updates, append_json));
  object.text("epoch", output.next.epoch);
  object.text("next", output.next.to_string());
  if (output.reset) object.raw("reset", "true");
  object.end();
  return out;
}

}  // namespace danwa::adapters
