#pragma once

#include <cstddef>

#include "domain/comment/comment.hpp"
#include "usecase/access.hpp"
#include "usecase/comments.hpp"
#include "usecase/conversations.hpp"
#include "usecase/notifications.hpp"
#include "usecase/read_turns.hpp"
#include "usecase/updates.hpp"

namespace danwa::usecase {

/// Every use case of a node, over one set of ports. Each is thread safe, and so is `turns`, which every read of a
/// client waits for.
struct UseCases {
  /// Admitted reads per database reader: one is read while the answer of another returns to its connection.
  static constexpr std::size_t kTurnsOfReader = 2;

  /// All ports outlive the use cases.
  struct Needs {
    std::size_t content_max;  ///< code points
    CommentRepository& comments;
    ConversationRepository& conversations;
    NotificationRepository& notifications;
    UpdateLog& log;
    Presence& presence;
    EventBus& events;
    IdGenerator& ids;
    const Clock& clock;
    std::size_t readers;                 ///< concurrent reads of the database
    ConversationFacts* facts = nullptr;  ///< null: the database is always asked
  };
  explicit UseCases(const Needs& n)
      : factory{n.content_max},
        access{n.conversations, n.facts},
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
  UseCases(const UseCases&) = delete;
  UseCases& operator=(const UseCases&) = delete;

  domain::CommentFactory factory;
  ConversationAccess access;
  SendComment send_comment;
  EditComment edit_comment;
  RemoveComment remove_comment;
  GetComment get_comment;
  ListComments list_comments;
  ListConversations list_conversations;
  ReadUpdates read_updates;
  WatchConversation watch_conversation;
  ReadPosition read_position;
  GetConversation get_conversation;
  ConfigureConversation configure_conversation;
  JoinConversation join_conversation;
  LeaveConversation leave_conversation;
  ListMembers list_members;
  GetPresence get_presence;
  SendNotification send_notification;
  ReadNotifications read_notifications;
  WatchNotifications watch_notifications;
  mutable ReadTurns turns;
};

}  // namespace danwa::usecase
