#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "domain/channel/cursor.hpp"
#include "domain/core/text.hpp"
#include "usecase/presence/presence_table.hpp"

namespace danwa::presence {

// The people of all nodes, and the notes in which nodes exchange them. PresentPeople counts for each person the nodes
// that name them: a person who watches on two nodes is shown once, and leaves when the second node lets go. Only the
// first and the last of these changes mark the conversation as changed. A map keeps people sorted by id, so a page is a
// range.

void PresentPeople::add(const PresenceEntry& entry) {
  const auto& [channel, user] = entry;
  if (++conversations_[channel][user] > 1) return;
  ++size_;
  changed_.insert(channel);
}

void PresentPeople::remove(const PresenceEntry& entry) {
  const auto& [channel, user] = entry;
  const auto conversation = conversations_.find(channel);
  assert(conversation != conversations_.end());
  const auto person = conversation->second.find(user);
  assert(person != conversation->second.end());
  if (--person->second > 0) return;
  conversation->second.erase(person);
  if (conversation->second.empty()) conversations_.erase(conversation);
  --size_;
  changed_.insert(channel);
}

std::size_t PresentPeople::count(const domain::ChannelKey& channel) const {
  const auto conversation = conversations_.find(channel);
  return conversation == conversations_.end() ? 0 : conversation->second.size();
}

usecase::Presence::Page PresentPeople::page(const domain::ChannelKey& channel, const domain::UserId* after,
                                            std::size_t limit) const {
  usecase::Presence::Page page;
  const auto conversation = conversations_.find(channel);
  if (conversation == conversations_.end()) return page;
  page.count = conversation->second.size();
  auto person = after == nullptr ? conversation->second.begin() : conversation->second.upper_bound(*after);
  for (; person != conversation->second.end() && page.users.size() < limit; ++person)
    page.users.push_back(person->first);
  page.more = person != conversation->second.end();
  return page;
}

// The text form of presence notes. Any node of the cluster, and with Redis any program, can send one, so the decoder is
// strict: it parses, checks the order, then encodes the result again and compares. A note with two forms is impossible
// that way, and the encoder is the only definition of the format.

namespace {

constexpr std::size_t kMaxNode = 255;
constexpr std::size_t kMaxLines = kMaxPresenceNote - 1024;  // leaves space for the head, which is shorter than that

struct Form {
  PresenceNoteKind kind;
  std::string_view word;
  std::size_t numbers;  // after the incarnation
};
constexpr std::array<Form, 5> kForms{Form{PresenceNoteKind::delta, "delta", 1}, Form{PresenceNoteKind::beat, "beat", 1},
                                     Form{PresenceNoteKind::want, "want", 1},
                                     Form{PresenceNoteKind::snapshot, "snapshot", 3},
                                     Form{PresenceNoteKind::bye, "bye", 0}};

/// Takes the text before the first `separator` off `text`, and the separator too; everything if there is none.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

bool take_number(std::string_view& words, std::uint64_t& number) {
  const auto parsed = domain::parse_seq(take(words, ' '));
  if (parsed) number = *parsed;
  return parsed.has_value();
}

bool decode_head(std::string_view line, PresenceHead& head) {
  if (take(line, ' ') != "1") return false;
  const auto word = take(line, ' ');
  const auto form = std::find_if(kForms.begin(), kForms.end(), [&](const Form& f) { return f.word == word; });
  if (form == kForms.end()) return false;
  head.kind = form->kind;
  auto node = domain::percent_decode(take(line, ' '));
  if (!node || node->empty() || node->size() > kMaxNode) return false;
  head.node = std::move(*node);
  if (!take_number(line, head.incarnation)) return false;
  std::array<std::uint64_t*, 3> numbers{&head.version, &head.part, &head.parts};
  for (std::size_t i = 0; i < form->numbers; ++i) {
    if (!take_number(line, *numbers[i])) return false;
  }
  return head.kind != PresenceNoteKind::snapshot || (head.part < head.parts && head.parts <= kMaxSnapshotParts);
}

bool decode_line(std::string_view line, std::vector<PresenceEntry>& entries) {
  auto channel = domain::ChannelKey::parse(take(line, ' '));
  if (!channel || channel->kind != domain::ChannelKind::conversation) return false;
  if (!domain::ConversationKey::parse(channel->key) || line.empty()) return false;
  while (!line.empty()) {
    auto name = domain::percent_decode(take(line, ' '));
    if (!name) return false;
    auto user = domain::UserId::parse(std::move(*name));
    if (!user) return false;
    entries.emplace_back(*channel, std::move(*user));
  }
  return true;
}

bool ascends(const std::vector<PresenceEntry>& entries) {
  return std::adjacent_find(entries.begin(), entries.end(), std::greater_equal<>{}) == entries.end();
}

bool may_hold(PresenceNoteKind kind, const PresenceNote& note) {
  if (kind == PresenceNoteKind::delta) return true;
  return note.left.empty() && (note.came.empty() || kind == PresenceNoteKind::snapshot);
}

}  // namespace

void PresenceLines::add(char sign, const PresenceEntry& entry) {
  std::string start = "\n";
  start += sign;
  start += ' ' + entry.first.to_string();
  const std::string person = ' ' + domain::percent_encode(entry.second.value());
  const bool full = texts_.empty() || texts_.back().size() + start.size() + person.size() > kMaxLines;
  if (full) texts_.emplace_back();
  if (full || start != line_) {
    texts_.back() += start;
    line_ = std::move(start);
  }
  texts_.back() += person;
}

std::vector<std::string> PresenceLines::take() {
  line_.clear();
  return std::exchange(texts_, {});
}

std::string encode(const PresenceHead& head, std::string_view lines) {
  const Form& form = kForms[static_cast<std::size_t>(head.kind)];
  std::string text = "1 ";
  text += form.word;
  text += ' ' + domain::percent_encode(head.node) + ' ' + std::to_string(head.incarnation);
  const std::array<std::uint64_t, 3> numbers{head.version, head.part, head.parts};
  for (std::size_t i = 0; i < form.numbers; ++i) text += ' ' + std::to_string(numbers[i]);
  text += lines;
  return text;
}

std::string encode(const PresenceNote& note) {
  PresenceLines lines;
  for (const auto& entry : note.left) lines.left(entry);
  for (const auto& entry : note.came) lines.came(entry);
  std::string all;
  for (const auto& text : lines.take()) all += text;
  return encode(note.head, all);
}

std::optional<PresenceNote> decode_presence(std::string_view text) {
  if (text.size() > kMaxPresenceNote) return std::nullopt;
  auto rest = text;
  PresenceNote note;
  if (!decode_head(take(rest, '\n'), note.head)) return std::nullopt;
  while (!rest.empty()) {
    auto line = take(rest, '\n');
    const auto sign = take(line, ' ');
    if (sign != "+" && sign != "-") return std::nullopt;
    if (!decode_line(line, sign == "+" ? note.came : note.left)) return std::nullopt;
  }
  if (!may_hold(note.head.kind, note) || !ascends(note.left) || !ascends(note.came)) return std::nullopt;
  if (encode(note) != text) return std::nullopt;
  return note;
}

}  // namespace danwa::presence
