#pragma once

#include <gtest/gtest.h>

#include "support/storage.hpp"

namespace danwa::tests {

/// Asks for every kind of change of channels that nobody has written into, and has each of them refused, or come to
/// nothing. Writes one comment into `lobby` before.
inline void have_all_changes_refused(Storage& storage) {
  const usecase::IdempotencyKey used{"used", "hash"};
  const usecase::IdempotencyKey reused{"used", "another"};
  const domain::Errors refusal = domain::validation_error("content-too-long", "content", "Too long.");
  const auto never = [](const Storage::Rooms::AccessContext&) -> domain::Result<void> {
    return domain::fail(domain::forbidden("not-granted", "", "No."));
  };
  const Storage::Rooms::SettingsRule unsettled = [&never](const auto& view,
                                                          const auto&) -> domain::Result<domain::Reconfiguration> {
    return domain::fail(never(view).error());
  };
  const auto fresh = [](const char* name) { return conversation(name); };
  const auto inbox = domain::ChannelKey::inbox(company(), user("bob"));
  ASSERT_TRUE(storage.add(comment(1), used));
  ASSERT_TRUE(storage.notify(notification(1, domain::ChannelKey::inbox(company(), user("ann"))), used));

  EXPECT_FALSE(storage.configure(storage.by(user(), fresh("a")), {{}, domain::Visibility::restricted}, unsettled));
  EXPECT_FALSE(storage.join(storage.by(user(), fresh("b")), user("bob"), never));
  EXPECT_FALSE(storage.leave(storage.by(user(), fresh("c")), user("bob"), never));
  EXPECT_FALSE(*storage.leave(storage.by(user(), fresh("d")), user("bob")));
  auto elsewhere = comment(2);
  elsewhere.conversation = fresh("e");
  EXPECT_FALSE(storage.add(elsewhere, reused));
  EXPECT_FALSE(storage.add(elsewhere, std::nullopt, refusal));
  EXPECT_TRUE(storage.add(elsewhere, used)->replayed);
  EXPECT_FALSE(storage.notify(notification(2, inbox), reused));
  EXPECT_TRUE(storage.notify(notification(3, inbox), used)->replayed);

  for (const char* name : {"a", "b", "c", "d", "e"}) EXPECT_FALSE(storage.view(user(), fresh(name))->exists) << name;
  EXPECT_EQ(storage.conversations(std::nullopt, 100)->size(), 1U);
}

}  // namespace danwa::tests
