#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "domain/account/credential.hpp"
#include "domain/comment/comment.hpp"
#include "domain/notification/notification.hpp"

namespace danwa::tests {

inline domain::CompanyId company(std::string name = "acme") { return domain::CompanyId::trusted(std::move(name)); }
inline domain::UserId user(std::string name = "ann") { return domain::UserId::trusted(std::move(name)); }
inline domain::ConversationKey conversation(std::string key = "lobby") {
  return domain::ConversationKey::trusted(std::move(key));
}
inline domain::Timestamp at(std::int64_t ms) { return domain::Timestamp{std::chrono::milliseconds{ms}}; }

/// The `n`th of a run of distinct ids that ascend like UUIDv7; `run` tells runs apart.
inline domain::CommentId comment_id(std::uint64_t n, std::uint8_t run = 0) {
  domain::Uuid::Bytes bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(n >> (56 - 8 * i));
  bytes[15] = run;
  return domain::CommentId{domain::Uuid{bytes}};
}

/// A comment that was not saved yet.
inline domain::Comment comment(std::uint64_t n, std::string content = "hello") {
  return domain::Comment{.id = comment_id(n),
                         .company = company(),
                         .conversation = conversation(),
                         .author = user(),
                         .content = domain::CommentContent::trusted(std::move(content)),
                         .client_ref = std::nullopt,
                         .created_at = at(1'700'000'000'000 + static_cast<std::int64_t>(n)),
                         .updated_at = at(1'700'000'000'000 + static_cast<std::int64_t>(n))};
}

/// Somebody who may do everything everywhere.
inline domain::Credential moderator(std::string name = "mod") {
  using domain::Verb;
  return {.company = company(),
          .user = user(std::move(name)),
          .stores = {},
          .grants = std::vector<domain::Grant>{{"*", {Verb::read, Verb::send, Verb::moderate}}},
          .expires_at = {}};
}

/// A notification into the inbox `to` that was not saved yet.
inline domain::Notification notification(std::uint64_t n, domain::ChannelKey to, std::string text = "hi") {
  return domain::Notification{.id = domain::NotificationId{comment_id(n, 203).value},
                              .to = std::move(to),
                              .sender = user(),
                              .text = domain::NotificationText::trusted(std::move(text)),
                              .created_at = at(1'700'000'000'000 + static_cast<std::int64_t>(n))};
}

}  // namespace danwa::tests
