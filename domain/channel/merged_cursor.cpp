#include "domain/channel/merged_cursor.hpp"

namespace danwa::domain {
namespace {

Errors invalid_merged_after() {
  return DomainError{ErrorKind::malformed, "after-invalid", "after",
                     "after must be 0 or a cursor <epoch>:<kind>:<key>=<seq>,..."};
}

/// One `kind:key=seq` into `seqs`; false when it is none, or names its channel again.
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
