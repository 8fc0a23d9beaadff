#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "domain/account/ids.hpp"
#include "domain/core/keys.hpp"

namespace danwa::domain {

/// The kinds of channels: a conversation, or the inbox of a user, a store or a company.
enum class ChannelKind : std::uint8_t { conversation = 0, user = 1, store = 2, company = 3 };

std::string_view to_string(ChannelKind kind);

/// Names a channel, over all companies. Its text form is `company:kind:key`. Each part is percent-encoded, so no part
/// can contain the separator.
struct ChannelKey {
  CompanyId company;
  ChannelKind kind;
  std::string key;

  static ChannelKey conversation(CompanyId company, const ConversationKey& key) {
    return ChannelKey{std::move(company), ChannelKind::conversation, key.value()};
  }

  static ChannelKey inbox(CompanyId company, const UserId& user) {
    return ChannelKey{std::move(company), ChannelKind::user, user.value()};
  }
  static ChannelKey inbox(CompanyId company, const StoreId& store) {
    return ChannelKey{std::move(company), ChannelKind::store, store.value()};
  }
  /// The inbox of the company as a whole; its key is the company's id.
  static ChannelKey inbox(const CompanyId& company) {
    return ChannelKey{company, ChannelKind::company, company.value()};
  }

  bool is_inbox() const { return kind != ChannelKind::conversation; }

  /// `kind:key`, the key percent-encoded: the name inside the company.
  std::string local_name() const;

  std::string to_string() const;
  static std::optional<ChannelKey> parse(std::string_view text);

  friend auto operator<=>(const ChannelKey&, const ChannelKey&) = default;
};

}  // namespace danwa::domain

template <>
struct std::hash<danwa::domain::ChannelKey> {
  std::size_t operator()(const danwa::domain::ChannelKey& channel) const noexcept {
    const std::size_t a = std::hash<std::string>{}(channel.company.value());
    const std::size_t b = std::hash<std::string>{}(channel.key);
    return (a * 1099511628211ULL) ^ (b + static_cast<std::size_t>(channel.kind));
  }
};
