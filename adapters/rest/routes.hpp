#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/http/router.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/comment/comment.hpp"
#include "usecase/comments.hpp"
#include "usecase/conversations.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/members.hpp"
#include "usecase/notifications.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/presence/presence.hpp"
#include "usecase/read_turns.hpp"
#include "usecase/updates.hpp"

namespace danwa::adapters {

/// The public description of a node.
struct NodeMember {
  std::string name;
  std::string http;  ///< "host:port" of its HTTP server
  bool up = false;
  bool self = false;
};

/// State of a node, for probes and operators. Thread safe.
class NodeStatus {
 public:
  virtual ~NodeStatus() = default;
  virtual std::string name() const = 0;
  virtual bool draining() const = 0;
  virtual bool storage_healthy() const = 0;

  /// This node first, then the others by name.
  virtual std::vector<NodeMember> members() const = 0;

  /// Figures of the process in Prometheus text format.
  virtual std::string process_figures() const = 0;
};

/// A long poll is answered after this time with an empty page, even if the client asks for a longer wait, because
/// common proxies end a request without answer (nginx and AWS's balancer after 60 s, HAProxy's examples after 30 s).
inline constexpr std::chrono::milliseconds kLongestPoll{25'000};

/// Use cases of the endpoints of conversations and their members.
struct ConversationNeeds {
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
  ConversationNeeds conversations;
  NotificationNeeds notifications;
  const domain::CommentFactory& comment_factory;
  const usecase::TokenVerifier& tokens;
  usecase::ReadTurns& turns;
  delivery::UpdateFeed& feed;
  const NodeStatus& node;
  Metrics& metrics;

  std::chrono::milliseconds longest_poll = kLongestPoll;
};

/// Adds every route except `/graphql`, and the check of tokens.
void add_routes(http::Router& router, const Needs& needs);

}  // namespace danwa::adapters
