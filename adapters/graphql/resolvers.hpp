#pragma once

#include "adapters/graphql/resolve.hpp"
#include "adapters/graphql/subscription.hpp"
#include "usecase/edit_comment.hpp"
#include "usecase/get_comment.hpp"
#include "usecase/get_conversation.hpp"
#include "usecase/join_conversation.hpp"
#include "usecase/leave_conversation.hpp"
#include "usecase/list_comments.hpp"
#include "usecase/list_conversations.hpp"
#include "usecase/list_members.hpp"
#include "usecase/read_notifications.hpp"
#include "usecase/read_position.hpp"
#include "usecase/read_turns.hpp"
#include "usecase/remove_comment.hpp"
#include "usecase/send_comment.hpp"
#include "usecase/send_notification.hpp"
#include "usecase/watch_conversation.hpp"
#include "usecase/watch_notifications.hpp"

namespace danwa::adapters::graphql {

/// What the fields of the schema call.
struct UseCases {
  const usecase::SendComment& send_comment;
  const usecase::EditComment& edit_comment;
  const usecase::RemoveComment& remove_comment;
  const usecase::GetComment& get_comment;
  const usecase::ListComments& list_comments;
  const usecase::ListConversations& list_conversations;
  const usecase::GetConversation& get_conversation;
  const usecase::JoinConversation& join_conversation;
  const usecase::LeaveConversation& leave_conversation;
  const usecase::ListMembers& list_members;
  const usecase::SendNotification& send_notification;
  const usecase::ReadNotifications& read_notifications;
  const usecase::WatchConversation& watch_conversation;
  const usecase::WatchNotifications& watch_notifications;
  const usecase::ReadPosition& read_position;
  usecase::ReadTurns& turns;
};

/// danwa's own schema, schema.graphql, compiled by the build.
const Schema& danwa_schema();

/// One for every field of Query and Mutation. `use_cases` outlives them.
Resolvers make_resolvers(const UseCases& use_cases);

/// The watch behind a field of Subscription, if `caller` may, who has seen `seen`. `use_cases` lives until the
/// coroutine has ended.
/// Errors: those of the use case; `after-invalid`; `not-granted` for another person's notifications.
usecase::Async<domain::Result<usecase::Watch>> open_watch(const UseCases& use_cases, Subscription subscription,
                                                          domain::Credential caller,
                                                          std::optional<domain::Position> seen);

}  // namespace danwa::adapters::graphql
