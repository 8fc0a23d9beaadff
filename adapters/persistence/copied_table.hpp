#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/core/uuid.hpp"

namespace danwa::adapters {

/// The tables that every database of danwa has, in an order in which they can be copied.
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

/// The columns of a table, in the order of the fields of a row. Only the column of a member's name is called otherwise
/// in every database: `user`.
inline std::string columns_of(CopiedTable table, const char* user) {
  switch (table) {
    case CopiedTable::channels:
      return "id, head, last_activity_ms, place, place_block, kind, visibility, company, key, title, sole_writer";
    case CopiedTable::comments:
      return "id, channel_id, seq, version, created_ms, updated_ms, removed, company, author, client_ref, "
             "idempotency_key, request_hash, content";
    case CopiedTable::members:
      return "channel_id, " + std::string{user} + ", role, joined_ms, seq";
    case CopiedTable::notification_requests:
      return "company, sender, idempotency_key, request_hash, notification_id, channel_id, seq";
    case CopiedTable::updates:
      break;
  }
  return "channel_id, seq, type, occurred_ms, subject_id, author, about, client_ref, content";
}

/// One field on its way from a database to another; the first alternative is NULL.
using CopiedField = std::variant<std::monostate, std::int64_t, std::string, domain::Uuid>;
using CopiedRow = std::vector<CopiedField>;

}  // namespace danwa::adapters
