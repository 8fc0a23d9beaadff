#include "domain/channel/cursor.hpp"

#include <algorithm>
#include <charconv>

namespace danwa::domain {
namespace {

constexpr std::size_t kMaxEpoch = 64;

Errors invalid_after() {
  return DomainError{ErrorKind::malformed, "after-invalid", "after",
                     "after must be a seq (0 or more) or a cursor <epoch>:<seq>."};
}

}  // namespace

bool is_epoch(std::string_view text) {
  return !text.empty() && text.size() <= kMaxEpoch &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
}

std::optional<Seq> parse_seq(std::string_view text) {
  Seq seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || seq > kMaxSeq) return std::nullopt;
  return seq;
}

Result<Cursor> Cursor::parse(std::string_view text) {
  const auto colon = text.find(':');
  const auto seq = parse_seq(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!seq) return fail(invalid_after());
  if (colon == std::string_view::npos) return Cursor{std::nullopt, *seq};
  if (!is_epoch(text.substr(0, colon))) return fail(invalid_after());
  return Cursor{Epoch{text.substr(0, colon)}, *seq};
}

std::string Cursor::to_string() const {
  const std::string number = std::to_string(seq);
  return epoch ? *epoch + ":" + number : number;
}

}  // namespace danwa::domain
