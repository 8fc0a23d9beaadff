#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// Builds one page of the list of conversations from the rows that a database reads. It examines at most 1,000 rows,
/// whatever the page asks for and however many of them the viewer may not see. Then the page ends, short or empty, and
/// `next` continues the list. Plain; one page, one owner.
///
/// For a viewer with grants, the database first counts the rows in the key ranges of the grants, with the index of
/// keys. If they are few, they are the whole list and are sorted here. If they are many, the list is walked in its
/// order, and rows outside the grants are skipped.
class ListingPage {
 public:
  static constexpr std::size_t kMostLooked = 1000;
  static constexpr std::size_t kMostCounted = kMostLooked / 2;  ///< rows in the ranges of grants

  explicit ListingPage(const UpdateLog::ListingWish& wish);

  /// Number of rows to examine in the order of the list.
  std::size_t most_walked() const { return wish_.shown ? kMostLooked - kMostCounted : kMostLooked; }

  /// Examines the row with the number `looked`, counted from 1 in the order of the list. Rows that the viewer may not
  /// see count, too.
  void look(std::size_t looked, UpdateLog::ConversationSummary row);

  /// Takes all rows in the key ranges of the grants, in any order.
  void take_all(std::vector<UpdateLog::ConversationSummary> rows);

  bool ended() const { return ended_; }
  UpdateLog::Listing take() { return std::move(page_); }

 private:
  bool shows(const UpdateLog::ConversationSummary& row) const;
  void add(UpdateLog::ConversationSummary row);
  void end_behind(std::uint64_t place);

  const UpdateLog::ListingWish& wish_;
  PageText text_{PageSize::kText};
  UpdateLog::Listing page_;
  bool ended_ = false;
};

}  // namespace danwa::usecase
