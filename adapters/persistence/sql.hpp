#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace danwa::adapters {

template <std::size_t kSize>
struct SqlText {
  constexpr SqlText(const char (&text)[kSize]) {  // NOLINT(google-explicit-constructor): a literal
    std::copy_n(text, kSize, value.begin());
  }
  std::array<char, kSize> value{};
};

template <SqlText kText, auto... kValues>
struct Sql {
  static_assert(((static_cast<int>(kValues) >= 0 && static_cast<int>(kValues) <= 9) && ...), "one digit each");
  static_assert(std::count(kText.value.begin(), kText.value.end(), '#') == sizeof...(kValues), "a value for each #");

  static constexpr auto fill() {
    auto text = kText.value;
    [[maybe_unused]] auto next = text.begin();  // there may be no `#`
    ((*(next = std::find(next, text.end(), '#')) = static_cast<char>('0' + static_cast<int>(kValues))), ...);
    return text;
  }
  static constexpr auto kFilled = fill();
};

/// A statement whose numbers come from the enums that they stand for: each `#` is the next of `kValues`. Lives as long
/// as the program, at one address.
///
///     kSql<"SELECT head FROM channels WHERE kind = #", ChannelKind::conversation>
template <SqlText kText, auto... kValues>
inline constexpr const char* kSql = Sql<kText, kValues...>::kFilled.data();

}  // namespace danwa::adapters
