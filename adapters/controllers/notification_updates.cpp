#include "adapters/controllers/notification_updates.hpp"

#include "adapters/json/notification_json.hpp"

namespace danwa::adapters {

using domain::fail;
using domain::Result;
using usecase::Async;

void NotificationUpdates::read_place(Query& query) {
  after_ = query.merged_resume_mark();
  seen_ = query.position();
}

Async<Result<usecase::Watch>> NotificationUpdates::watch(domain::Credential who, usecase::Delivery delivery) {
  co_return watch_.execute({after_, delivery, seen_}, who);
}

Async<Result<UpdateSource::Page>> NotificationUpdates::page(domain::Credential who, std::size_t limit,
                                                            usecase::ReadFrom from) {
  usecase::ReadNotifications::Input input{after_, limit, seen_, from};
  auto read = co_await read_.execute(std::move(input), std::move(who));
  if (!read) co_return fail(std::move(read).error());
  next_ = read->next;
  co_return Page{to_json(*read), read->updates.empty() && !read->reset, read->position};
}

Async<Result<usecase::Watch>> NotificationUpdates::watch_for_news(domain::Credential who) {
  co_return watch_.execute({next_, usecase::Delivery::complete, std::nullopt}, who);
}

}  // namespace danwa::adapters
