#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/core/uuid.hpp"

namespace danwa::adapters {

/// The tables that every database of danwa has, in an order in which they can be copied. The fields of a row:
/// - channels: id, head, last_activity_ms, place, place_block, kind, visibility, company, key, title,
///   sole_writer
/// - comments: id, channel, seq, version, created_ms, updated_ms, removed, company, author, client_ref,
///   idempotency_key, request_hash, content
/// - members: channel, user, role, joined_ms, seq
/// - notification_requests: company, sender, idempotency_key, request_hash, notification, channel, seq
/// - updates: channel, seq, type, occurred_ms, subject, author, about, client_ref, content
enum class CopiedTable { channels, comments, members, notification_requests, updates };

inline constexpr std::array kCopiedTables{CopiedTable::channels, CopiedTable::comments, CopiedTable::members,
                                          CopiedTable::notification_requests, CopiedTable::updates};

constexpr std::string_view name_of(CopiedTable table) {
  switch (table) {
    case CopiedTable::channels:
      return "channels";
    case CopiedTable::comments:
      return "comments";
    case CopiedTable::members:
      return "members";
    case CopiedTable::notification_requests:
      return "notification_requests";
    case CopiedTable::updates:
      break;
  }
  return "updates";
}

/// One field on its way from a database to another; the first alternative is NULL.
using CopiedField = std::variant<std::monostate, std::int64_t, std::string, domain::Uuid>;
using CopiedRow = std::vector<CopiedField>;

}  // namespace danwa::adapters
