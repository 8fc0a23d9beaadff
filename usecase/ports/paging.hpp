#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "domain/core/result.hpp"
#include "domain/update/update.hpp"

namespace danwa::usecase {

/// Succeeds if 1 <= limit <= max. Errors: `limit-out-of-range` (validation, resource "limit").
inline domain::Result<std::size_t> parse_limit(std::size_t limit, std::size_t max) {
  if (limit >= 1 && limit <= max) return limit;
  return domain::fail(
      domain::validation_error("limit-out-of-range", "limit", "limit must be 1 to " + std::to_string(max) + "."));
}

/// Bytes that `text` takes as a JSON string (RFC 8259 section 7), without the quotes.
std::size_t json_size(std::string_view text);

/// Size limit of a page. A page ends at `rows` rows, or before the first row whose texts do not fit.
struct PageSize {
  /// Bytes of text on one page, in JSON form, where a control character takes six. The memory of a page is of this
  /// order, whatever the texts are.
  static constexpr std::size_t kText = 256 * 1024;

  PageSize(std::size_t most) : rows{most} {}  // NOLINT(google-explicit-constructor): a page of so many rows
  PageSize(std::size_t most, std::size_t bytes) : rows{most}, text{bytes} {}

  std::size_t rows;          ///< 1 to 1,000
  std::size_t text = kText;  ///< bytes, in JSON form
};

/// Counts the text of a page while its rows are read. For one page, by one owner.
///
///     while (query.step() && text.admits({query.view(4), query.view(7)})) page.push_back(...);
class PageText {
 public:
  explicit PageText(std::size_t most) : left_{most} {}

  /// Returns whether a row with these texts fits on the page, and counts it if it does. The first row always fits, so
  /// that every page makes progress. After a row that does not fit, no further row fits.
  bool admits(std::initializer_list<std::string_view> texts);
  bool admits(const domain::Update& update);

 private:
  std::size_t left_;
  bool first_ = true;
  bool full_ = false;
};

}  // namespace danwa::usecase
