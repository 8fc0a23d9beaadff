#pragma once

#include <optional>
#include <string>

#include "adapters/controllers/update_source.hpp"
#include "usecase/read_updates.hpp"
#include "usecase/watch_conversation.hpp"

namespace danwa::adapters {

/// The log of one conversation, as the source of updates of one request.
class ConversationUpdates final : public UpdateSource {
 public:
  ConversationUpdates(const usecase::ReadUpdates& read, const usecase::WatchConversation& watch, std::string key)
      : read_{read}, watch_{watch}, key_{std::move(key)} {}

  void read_place(Query& query) override;
  usecase::Async<domain::Result<usecase::Watch>> watch(domain::Credential who, usecase::Delivery delivery) override;
  usecase::Async<domain::Result<Page>> page(domain::Credential who, std::size_t limit, usecase::ReadFrom from) override;
  usecase::Async<domain::Result<usecase::Watch>> watch_for_news(domain::Credential who) override;

 private:
  const usecase::ReadUpdates& read_;
  const usecase::WatchConversation& watch_;
  const std::string key_;
  std::optional<domain::Cursor> after_;
  std::optional<domain::Position> seen_;
  std::optional<domain::Epoch> epoch_;  // of the last page
};

}  // namespace danwa::adapters
