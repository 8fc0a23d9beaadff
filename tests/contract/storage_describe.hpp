#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/core/result.hpp"
#include "domain/update/update.hpp"
#include "support/storage.hpp"

// What an answer of storage says, for comparison; epochs, which differ, are left out.
namespace danwa::tests {

inline std::string describe(const domain::Comment& c) {
  return c.id.to_string() + ' ' + c.conversation.value() + ' ' + c.author.value() + ' ' + c.content.value() + ' ' +
         c.client_ref.value_or("-") + " seq " + std::to_string(c.seq) + " v" + std::to_string(c.version) + ' ' +
         domain::to_rfc3339(c.created_at) + ' ' + domain::to_rfc3339(c.updated_at) + '\n';
}
inline std::string describe(const usecase::CommentRepository::Added& a) {
  return (a.replayed ? "again " : "new ") + describe(a.comment);
}
inline std::string describe(const domain::CommentModified& m) {
  return std::to_string(m.seq) + (m.redacts ? " redacts " : " ") + describe(m.comment);
}
inline std::string describe(const domain::CommentRemoved& r) {
  return r.id.to_string() + ' ' + r.author.value() + " by " + r.by.value() + ' ' + r.conversation.value() + ' ' +
         std::to_string(r.seq);
}
inline std::string describe(const usecase::CommentRepository::Page& page) {
  std::string text = "head " + std::to_string(page.head) + (page.more ? " more\n" : "\n");
  for (const auto& found : page.comments) text += describe(found);
  return text;
}

template <class Text>
std::string describe_text(const std::optional<Text>& text) {
  return text ? text->value() : "-";
}
inline std::string describe_event(const domain::Uuid& id, const domain::UserId& user, const domain::UserId& by) {
  return id.to_string() + ' ' + user.value() + " by " + by.value();
}
inline std::string describe(const domain::Update& update) {
  const domain::Overloaded body{
      [](const domain::CommentAdded& a) {
        return "added " + a.comment.to_string() + ' ' + a.author.value() + ' ' + describe_text(a.content);
      },
      [](const domain::CommentUpdated& u) {
        return "updated " + u.comment.to_string() + ' ' + u.author.value() + ' ' + describe_text(u.content) +
               (u.redacts ? " redacts" : "");
      },
      [](const domain::CommentDeleted& d) {
        return "deleted " + d.comment.to_string() + ' ' + d.author.value() + " by " + d.by.value();
      },
      [](const domain::MemberAdded& m) { return "joined " + describe_event(m.id, m.user, m.by); },
      [](const domain::MemberRemoved& m) { return "left " + describe_event(m.id, m.user, m.by); },
      [](const domain::ConversationUpdated& c) {
        return "settings " + c.id.to_string() + ' ' + c.by.value() + ' ' + describe_text(c.title) + ' ' +
               std::string{domain::to_string(c.visibility)};
      },
      [](const domain::NotificationAdded& n) {
        return "notification " + n.id.to_string() + ' ' + n.sender.value() + ' ' + n.text.value();
      },
  };
  return update.channel.to_string() + ' ' + std::to_string(update.seq) + ' ' + domain::to_rfc3339(update.occurred_at) +
         ' ' + std::visit(body, update.body) + '\n';
}
inline std::string describe(const usecase::UpdateLog::Page& page) {
  std::string text = "head " + std::to_string(page.head) + '\n';
  for (const auto& update : page.updates) text += describe(update);
  return text;
}
inline std::string describe(const std::vector<usecase::UpdateLog::ConversationSummary>& found) {
  std::string text;
  for (const auto& summary : found) {
    text += summary.key.value() + ' ' + std::to_string(summary.head) + ' ' + domain::to_rfc3339(summary.last_activity) +
            ' ' + describe_text(summary.title) + ' ' + std::string{domain::to_string(summary.visibility)} +
            (summary.member ? " member\n" : "\n");
  }
  return text;
}

inline std::string describe(const domain::Member& member) {
  return member.user.value() + ' ' + std::string{domain::to_string(member.role)} + ' ' +
         domain::to_rfc3339(member.joined_at) + ' ' + std::to_string(member.seq) + '\n';
}
inline std::string describe(const usecase::ConversationRepository::AccessContext& view) {
  const auto& room = view.conversation;
  const auto role = view.membership.role ? std::string{domain::to_string(*view.membership.role)} : "-";
  return room.company.value() + ' ' + room.key.value() + ' ' + describe_text(room.title) + ' ' +
         std::string{domain::to_string(room.visibility)} + ' ' + role + (view.membership.has_owner ? " owned" : "") +
         " head " + std::to_string(view.head) + (view.exists ? "\n" : " absent\n");
}
inline std::string describe(const usecase::ConversationRepository::Configured& done) {
  std::string text = describe(done.view) + (done.created ? "created " : "");
  for (const auto& joined : done.joined) text += describe(domain::to_update(joined));
  if (done.changed) text += describe(domain::to_update(*done.changed));
  return text;
}
inline std::string describe(const usecase::ConversationRepository::Joined& done) {
  return describe(done.member) + (done.event ? describe(domain::to_update(*done.event)) : "");
}
inline std::string describe(const std::optional<domain::MemberLeft>& left) {
  return left ? describe(domain::to_update(*left)) : "no member";
}
inline std::string describe(const usecase::ConversationRepository::Members& page) {
  std::string text = describe(page.view) + (page.more ? "more\n" : "");
  for (const auto& member : page.members) text += describe(member);
  return text;
}
inline std::string describe(const usecase::NotificationRepository::Added& added) {
  return (added.replayed ? "again " : "new ") +
         describe(domain::to_update(domain::NotificationSent{added.notification}));
}

template <class T>
std::string describe(const domain::Result<T>& result) {
  return result ? describe(*result) : "error " + result.error().first().code;
}

}  // namespace danwa::tests
