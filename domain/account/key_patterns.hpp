#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace danwa::domain {

/// Whether `text` is of the form `pattern`: `*` stands for any run of characters, nothing else is special.
bool matches(std::string_view pattern, std::string_view text);

/// The keys of which at least one of some patterns is the form. Knows besides in which ranges of keys, compared byte by
/// byte, all of them lie: an index finds those without looking at the others.
class KeyPatterns {
 public:
  /// Keys from `first` on that come before `end`. Both are well-formed UTF-8 where the patterns are.
  struct Range {
    std::string first;
    std::string end;
    friend bool operator==(const Range&, const Range&) = default;
  };

  explicit KeyPatterns(std::vector<std::string> patterns);

  bool allow(std::string_view key) const;

  /// Ascending; no key lies in two of them.
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::vector<std::string> patterns_;
  std::vector<Range> ranges_;
};

}  // namespace danwa::domain
