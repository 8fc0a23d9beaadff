#pragma once

#include "infra/postgres/write_action.hpp"
#include "usecase/ports/conversation_repository.hpp"

// What may change in a room, as actions of the writer: each has the room's channel for itself.
namespace danwa::infra::pg {

using RoomPort = usecase::ConversationRepository;

class ConfigureRoom final : public AnsweringAction<RoomPort::Configured> {
 public:
  ConfigureRoom(RoomPort::Change change, RoomPort::Settings settings, RoomPort::SettingsRule rule, Resume resume);
  void ask(BatchFacts& facts) const override;

 private:
  domain::Result<RoomPort::Configured> decision(const BatchFacts& facts, BatchRows& rows) override;

  const RoomPort::Change change_;
  const RoomPort::Settings settings_;
  const RoomPort::SettingsRule rule_;
};

class JoinRoom final : public AnsweringAction<RoomPort::Joined> {
 public:
  JoinRoom(RoomPort::Change change, domain::UserId user, RoomPort::Rule rule, Resume resume);
  void ask(BatchFacts& facts) const override;

 private:
  domain::Result<RoomPort::Joined> decision(const BatchFacts& facts, BatchRows& rows) override;

  const RoomPort::Change change_;
  const domain::UserId user_;
  const RoomPort::Rule rule_;
};

class LeaveRoom final : public AnsweringAction<RoomPort::Left> {
 public:
  LeaveRoom(RoomPort::Change change, domain::UserId user, RoomPort::Rule rule, Resume resume);
  void ask(BatchFacts& facts) const override;

 private:
  domain::Result<RoomPort::Left> decision(const BatchFacts& facts, BatchRows& rows) override;

  const RoomPort::Change change_;
  const domain::UserId user_;
  const RoomPort::Rule rule_;
};

}  // namespace danwa::infra::pg
