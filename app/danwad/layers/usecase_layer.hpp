#pragma once

#include <cstddef>

#include "domain/comment/comment.hpp"
#include "usecase/access.hpp"
#include "usecase/comments.hpp"
#include "usecase/conversations.hpp"
#include "usecase/members.hpp"
#include "usecase/notifications.hpp"
#include "usecase/presence/presence.hpp"
#include "usecase/read_turns.hpp"
#include "usecase/updates.hpp"

namespace danwa::app {

/// Every use case, over the ports of `Needs`.
struct UsecaseLayer {
  /// Admitted reads per database reader: one is read while the answer of another returns to its connection.
  static constexpr std::size_t kTurnsOfReader = 2;

  struct Needs {
    std::size_t content_max;  ///< code points
    usecase::CommentRepository& comments;
    usecase::ConversationRepository& conversations;
    usecase::NotificationRepository& notifications;
    usecase::UpdateLog& log;
    const usecase::Presence& presence;
    usecase::EventBus& events;
    usecase::IdGenerator& ids;
    const usecase::Clock& clock;
    std::size_t readers;  ///< concurrent reads of the database
  };
  explicit UsecaseLayer(const Needs& n)
      : factory{n.content_max},
        access{n.conversations},
        send_comment{{factory, n.comments, n.events, n.ids, n.clock}},
        edit_comment{{factory, n.comments, n.events, n.clock}},
        remove_comment{{n.comments, n.events, n.clock}},
        get_comment{n.comments, access},
        list_comments{n.comments, access},
        list_conversations{n.log},
        read_updates{n.log, access},
        watch_conversation{access},
        read_position{n.log},
        get_conversation{access},
        configure_conversation{{n.conversations, n.events, n.ids, n.clock}},
        join_conversation{{n.conversations, n.events, n.ids, n.clock}},
        leave_conversation{{n.conversations, n.events, n.ids, n.clock}},
        list_members{n.conversations},
        get_presence{n.presence, access},
        send_notification{{n.notifications, n.events, n.ids, n.clock}},
        read_notifications{n.log},
        turns{{.turns = {.running = kTurnsOfReader * n.readers}}} {}
  UsecaseLayer(const UsecaseLayer&) = delete;
  UsecaseLayer& operator=(const UsecaseLayer&) = delete;

  domain::CommentFactory factory;
  usecase::ConversationAccess access;
  usecase::SendComment send_comment;
  usecase::EditComment edit_comment;
  usecase::RemoveComment remove_comment;
  usecase::GetComment get_comment;
  usecase::ListComments list_comments;
  usecase::ListConversations list_conversations;
  usecase::ReadUpdates read_updates;
  usecase::WatchConversation watch_conversation;
  usecase::ReadPosition read_position;
  usecase::GetConversation get_conversation;
  usecase::ConfigureConversation configure_conversation;
  usecase::JoinConversation join_conversation;
  usecase::LeaveConversation leave_conversation;
  usecase::ListMembers list_members;
  usecase::GetPresence get_presence;
  usecase::SendNotification send_notification;
  usecase::ReadNotifications read_notifications;
  usecase::WatchNotifications watch_notifications;
  usecase::ReadTurns turns;
};

}  // namespace danwa::app
