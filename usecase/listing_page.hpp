#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// Gathers one page of the list of conversations from the rows that a database looks at. It looks at 1,000 rows at
/// most, whatever the page asks for and whatever the reader may not see: then the page ends, short or empty, and `next`
/// goes on. Plain; one page, one owner.
///
/// A reader with grants: first the rows in the ranges of their keys are counted, by the index of keys. Few: they are
/// all there is, and are sorted here. Many: the list is walked in its order, and what the grants do not show is passed
/// over.
class ListingPage {
 public:
  static constexpr std::size_t kMostLooked = 1000;
  static constexpr std::size_t kMostCounted = kMostLooked / 2;  ///< rows in the ranges of grants

  explicit ListingPage(const UpdateLog::ListingWish& wish);

  /// Rows to be looked at in the list's order.
  std::size_t most_walked() const { return wish_.shown ? kMostLooked - kMostCounted : kMostLooked; }

  /// The row with the number `looked`, from 1 on, in the list's order. Rows that nobody sees count, too.
  void look(std::size_t looked, UpdateLog::ConversationSummary row);

  /// All the rows in the ranges of the grants, in any order.
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
