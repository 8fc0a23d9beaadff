#include "adapters/controllers/conversation_updates.hpp"

#include "adapters/json/comment_json.hpp"

namespace danwa::adapters {

using domain::fail;
using domain::Result;
using usecase::Async;

void ConversationUpdates::read_place(Query& query) {
  after_ = query.resume_mark();
  seen_ = query.position();
}

Async<Result<usecase::Watch>> ConversationUpdates::watch(domain::Credential who, usecase::Delivery delivery) {
  usecase::WatchConversation::Input input{key_, after_, delivery, seen_};
  co_return co_await watch_.execute(std::move(input), std::move(who));
}

Async<Result<UpdateSource::Page>> ConversationUpdates::page(domain::Credential who, std::size_t limit,
                                                            usecase::ReadFrom from) {
  const domain::Cursor after = after_.value_or(domain::Cursor{});
  usecase::ReadUpdates::Input input{key_, after, limit, seen_, from};
  const auto read = co_await read_.execute(std::move(input), std::move(who));
  if (!read) co_return fail(read.error());
  epoch_ = read->page.epoch;
  co_return Page{to_json(*read, after.seq), read->page.updates.empty() && !read->reset, read->page.position};
}

Async<Result<usecase::Watch>> ConversationUpdates::watch_for_news(domain::Credential who) {
  const domain::Cursor position{epoch_, after_.value_or(domain::Cursor{}).seq};
  usecase::WatchConversation::Input input{key_, position, usecase::Delivery::complete};
  auto watch = co_await watch_.execute(std::move(input), std::move(who));
  if (watch) watch->presence.reset();
  co_return std::move(watch);
}

}  // namespace danwa::adapters
