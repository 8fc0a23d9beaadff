#pragma once

#include <chrono>

#include "adapters/controllers/node_status.hpp"
#include "adapters/delivery/update_feed.hpp"
#include "adapters/http/router.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/comment/comment_factory.hpp"
#include "usecase/configure_conversation.hpp"
#include "usecase/edit_comment.hpp"
#include "usecase/get_comment.hpp"
#include "usecase/get_conversation.hpp"
#include "usecase/get_presence.hpp"
#include "usecase/join_conversation.hpp"
#include "usecase/leave_conversation.hpp"
#include "usecase/list_comments.hpp"
#include "usecase/list_conversations.hpp"
#include "usecase/list_members.hpp"
#include "usecase/ports/token_verifier.hpp"
#include "usecase/read_notifications.hpp"
#include "usecase/read_position.hpp"
#include "usecase/read_turns.hpp"
#include "usecase/read_updates.hpp"
#include "usecase/remove_comment.hpp"
#include "usecase/send_comment.hpp"
#include "usecase/send_notification.hpp"
#include "usecase/watch_conversation.hpp"
#include "usecase/watch_notifications.hpp"

namespace danwa::adapters {

/// A long poll is answered after this time with an empty page, even if the client asks for a longer wait, because
/// common proxies end a request without answer (nginx and AWS's balancer after 60 s, HAProxy's examples after 30 s).
inline constexpr std::chrono::milliseconds kLongestPoll{25'000};

/// Use cases of the endpoints of conversations and their members.
struct RoomNeeds {
  const usecase::GetConversation& get;
  const usecase::ConfigureConversation& configure;
  const usecase::ListMembers& members;
  const usecase::JoinConversation& join;
  const usecase::LeaveConversation& leave;
  const usecase::GetPresence& presence;
};

/// Use cases of the endpoints of notifications.
struct NotificationNeeds {
  const usecase::SendNotification& send;
  const usecase::ReadNotifications& read;
  const usecase::WatchNotifications& watch;
};

/// Everything that the HTTP endpoints call. All of it outlives the router.
struct Needs {
  const usecase::SendComment& send_comment;
  const usecase::EditComment& edit_comment;
  const usecase::RemoveComment& remove_comment;
  const usecase::GetComment& get_comment;
  const usecase::ListComments& list_comments;
  const usecase::ListConversations& list_conversations;
  const usecase::ReadUpdates& read_updates;
  const usecase::WatchConversation& watch_conversation;
  const usecase::ReadPosition& read_position;
  RoomNeeds rooms;
  NotificationNeeds notifications;
  const domain::CommentFactory& comment_factory;
  const usecase::TokenVerifier& tokens;
  usecase::ReadTurns& turns;
  UpdateFeed& feed;
  const NodeStatus& node;
  Metrics& metrics;

  std::chrono::milliseconds longest_poll = kLongestPoll;
};

/// Adds every route but `/graphql`, and the check of tokens.
void add_routes(http::Router& router, const Needs& needs);

}  // namespace danwa::adapters
