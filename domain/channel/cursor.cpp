#include "domain/channel/cursor.hpp"

#include <algorithm>

#include "domain/core/text.hpp"

namespace danwa::domain {

// The text forms of the three places that a client sends back. Cursor is a place in one log, `<epoch>:<seq>`.
// MergedCursor is one in the logs of several inboxes, `<epoch>:<kind>:<key>=<seq>,...`. Position is one in the whole
// database, `<epoch>.<number>`. Parsing is strict, and nothing may be left over: a wrong text is an error of the
// client, and never a silent start at another place.

Result<Position> Position::parse(std::string_view text) {
  const auto point = text.find('.');
  const auto number =
      point == std::string_view::npos ? std::nullopt : parse_number<std::uint64_t>(text.substr(point + 1));
  if (number && is_epoch(text.substr(0, point))) return Position{Epoch{text.substr(0, point)}, *number};
  return fail(DomainError{ErrorKind::malformed, "position-invalid", "Danwa-Position",
                          "Danwa-Position must be one that an answer had: <epoch>.<number>."});
}

std::string Position::to_string() const { return epoch + '.' + std::to_string(number); }

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
  const auto seq = parse_number<Seq>(text);
  return seq && *seq <= kMaxSeq ? seq : std::nullopt;
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

namespace {

Errors invalid_merged_after() {
  return DomainError{ErrorKind::malformed, "after-invalid", "after",
                     "after must be 0 or a cursor <epoch>:<kind>:<key>=<seq>,..."};
}

/// Adds one `kind:key=seq` to `seqs`. False: malformed, not an inbox, named before, or one too many. Keys are
/// percent-encoded, so the last `=` ends the name. "any" stands for the company, which the text does not name.
bool take_entry(std::string_view entry, std::map<std::string, Seq, std::less<>>& seqs) {
  const auto equals = entry.rfind('=');
  if (equals == std::string_view::npos) return false;
  const auto seq = parse_seq(entry.substr(equals + 1));
  const auto channel = ChannelKey::parse("any:" + std::string{entry.substr(0, equals)});
  if (!seq || !channel || !channel->is_inbox()) return false;
  return seqs.emplace(channel->local_name(), *seq).second && seqs.size() <= MergedCursor::kMaxChannels;
}

}  // namespace

Result<MergedCursor> MergedCursor::parse(std::string_view text) {
  MergedCursor cursor;
  cursor.from_start = text == "0";
  if (cursor.from_start) return cursor;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !Cursor::parse(std::string{text.substr(0, colon)} + ":0")) {
    return fail(invalid_merged_after());
  }
  cursor.epoch = text.substr(0, colon);
  auto rest = text.substr(colon + 1);
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    if (!take_entry(rest.substr(0, comma), cursor.seqs)) return fail(invalid_merged_after());
    if (comma == std::string_view::npos) return cursor;
    rest.remove_prefix(comma + 1);
    if (rest.empty()) return fail(invalid_merged_after());
  }
  return cursor;
}

std::string MergedCursor::to_string() const {
  if (from_start) return "0";
  std::string out = epoch + ':';
  for (const auto& [channel, seq] : seqs) {
    if (out.back() != ':') out += ',';
    out += channel + '=' + std::to_string(seq);
  }
  return out;
}

std::optional<Cursor> MergedCursor::in(const ChannelKey& channel) const {
  if (from_start) return Cursor{};
  const auto found = seqs.find(channel.local_name());
  if (found == seqs.end()) return std::nullopt;
  return Cursor{Epoch{epoch}, found->second};
}

}  // namespace danwa::domain
