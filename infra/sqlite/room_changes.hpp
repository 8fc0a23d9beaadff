#pragma once

#include <optional>

#include "infra/sqlite/write_action.hpp"
#include "usecase/ports/conversation_repository.hpp"

// What may change in a room: each decides on the present state, writes rows and their updates. Called inside
// a write transaction. Throw SQLite::Exception.
namespace danwa::infra {

using RoomPort = usecase::ConversationRepository;

domain::Result<RoomPort::Configured> configure_room(WriteTransaction& transaction, const RoomPort::Change& change,
                                                    const RoomPort::Settings& settings,
                                                    const RoomPort::SettingsRule& rule);

domain::Result<RoomPort::Joined> join_room(WriteTransaction& transaction, const RoomPort::Change& change,
                                           const domain::UserId& user, const RoomPort::Rule& rule);

domain::Result<RoomPort::Left> leave_room(WriteTransaction& transaction, const RoomPort::Change& change,
                                          const domain::UserId& user, const RoomPort::Rule& rule);

}  // namespace danwa::infra
