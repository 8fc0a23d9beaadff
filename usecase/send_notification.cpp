#include "usecase/send_notification.hpp"

#include "domain/account/credential.hpp"
#include "usecase/idempotency.hpp"

namespace danwa::usecase {
namespace {

using domain::ChannelKey;
using domain::fail;
using domain::Result;

/// The inbox of the recipient in `company`. A recipient that is another company keeps that company's name, and the
/// permission check rejects it.
Result<ChannelKey> parse_recipient(SendNotification::Recipient to, const domain::CompanyId& company) {
  if (int{to.user.has_value()} + int{to.store.has_value()} + int{to.company.has_value()} != 1) {
    return fail(domain::validation_error("to-invalid", "to", "to must hold exactly one of user, store and company."));
  }
  if (to.user) {
    return domain::UserId::parse(std::move(*to.user)).map([&](const auto& user) {
      return ChannelKey::inbox(company, user);
    });
  }
  if (to.store) {
    return domain::StoreId::parse(std::move(*to.store)).map([&](const auto& store) {
      return ChannelKey::inbox(company, store);
    });
  }
  return domain::CompanyId::parse(std::move(*to.company)).map([](const auto& whole) {
    return ChannelKey::inbox(whole);
  });
}

Result<void> require_notify(const domain::Credential& who, const ChannelKey& to) {
  if (auto named = require_named(who); !named) return named;
  if (to.company == who.company && who.may_notify(to.local_name())) return {};
  return fail(domain::forbidden("not-granted", "to", "You may not notify this recipient."));
}

}  // namespace

Result<SendNotification::Parsed> SendNotification::parse(Input input, const domain::CompanyId& sender_company) {
  auto to = parse_recipient(std::move(input.to), sender_company);
  auto key =
      parse_idempotency_key(std::move(input.idempotency_key), {to ? to->to_string() : std::string{}, input.text});
  auto parsed = domain::combine(std::move(to), domain::NotificationText::parse(std::move(input.text)), std::move(key));
  if (!parsed) return fail(std::move(parsed).error());
  auto& [inbox, text, idempotency] = *parsed;
  return Parsed{std::move(inbox), std::move(text), std::move(idempotency)};
}

Async<Result<SendNotification::Output>> SendNotification::execute(Input input, domain::Credential who) const {
  const Precondition precondition = std::move(input.precondition);
  auto parsed = parse(std::move(input), who.company);
  if (!parsed) co_return fail(std::move(parsed).error());
  if (auto allowed = require_notify(who, parsed->to); !allowed) co_return fail(std::move(allowed).error());
  if (auto holds = require(precondition, {.exists = false}); !holds) co_return fail(std::move(holds).error());
  domain::Notification notification{.id = domain::NotificationId{needs_.ids.next()},
                                    .to = std::move(parsed->to),
                                    .sender = who.user,
                                    .text = std::move(parsed->text),
                                    .created_at = needs_.clock.now()};
  auto added = co_await needs_.notifications.add(std::move(notification), std::move(parsed->key));
  if (!added) co_return fail(std::move(added).error());
  if (!added->replayed) needs_.events.publish(domain::NotificationSent{added->notification}, added->position.epoch);
  co_return Output{std::move(added->notification), added->replayed, std::move(added->position)};
}

}  // namespace danwa::usecase
