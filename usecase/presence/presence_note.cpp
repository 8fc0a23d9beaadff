#include "usecase/presence/presence_note.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "domain/channel/cursor.hpp"
#include "domain/core/text.hpp"

namespace danwa::presence {

// The text form of presence notes. Any node of the cluster, and with Redis any program, can send one, so the decoder is
// strict: it parses, checks the order, then encodes the result again and compares. A note with two forms is impossible
// that way, and the encoder is the only definition of the format.

namespace {

constexpr std::string_view kFormat = "2";
constexpr std::size_t kMaxNode = 255;
constexpr std::size_t kMaxLines = kMaxPresenceNote - 1024;  // leaves space for the head, which is shorter than that

struct Form {
  PresenceNoteKind kind;
  std::string_view word;
  std::size_t numbers;  // after the incarnation
};
constexpr std::array<Form, 5> kForms{Form{PresenceNoteKind::delta, "delta", 2},
                                     Form{PresenceNoteKind::snapshot, "snapshot", 4},
                                     Form{PresenceNoteKind::want, "want", 1}, Form{PresenceNoteKind::beat, "beat", 0},
                                     Form{PresenceNoteKind::bye, "bye", 0}};

/// Builds lines, and opens a further text when one is full. The caller adds in sorted order.
class LineWriter {
 public:
  void add(char sign, const domain::ChannelKey& channel) {
    append(start_of(sign, channel));
    line_.clear();
  }
  void add(char sign, const PresenceEntry& entry) {
    std::string start = start_of(sign, entry.first);
    const std::string person = ' ' + domain::percent_encode(entry.second.value());
    if (start == line_ && fits(person)) {
      texts_.back() += person;
    } else {
      append(start + person);
      line_ = std::move(start);
    }
  }
  void add(const StreamState& state) {
    append("\n= " + domain::percent_encode(state.to.node) + ' ' + std::to_string(state.to.incarnation) + ' ' +
           std::to_string(state.version) + ' ' + std::to_string(state.heard));
  }
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  static std::string start_of(char sign, const domain::ChannelKey& channel) {
    std::string start = "\n";
    start += sign;
    start += ' ' + channel.to_string();
    return start;
  }
  bool fits(const std::string& more) const { return texts_.back().size() + more.size() <= kMaxLines; }
  void append(const std::string& line) {
    if (texts_.empty() || !fits(line)) texts_.emplace_back();
    texts_.back() += line;
  }

  std::vector<std::string> texts_;
  std::string line_;  // the start of the open line of people
};

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

bool take_node(std::string_view& words, PresenceSelf& self) {
  auto node = domain::percent_decode(take(words, ' '));
  if (!node || node->empty() || node->size() > kMaxNode) return false;
  self.node = std::move(*node);
  return take_number(words, self.incarnation);
}

bool decode_head(std::string_view line, PresenceHead& head) {
  if (take(line, ' ') != kFormat) return false;
  const auto word = take(line, ' ');
  const auto form = std::find_if(kForms.begin(), kForms.end(), [&](const Form& f) { return f.word == word; });
  if (form == kForms.end()) return false;
  head.kind = form->kind;
  if (!take_node(line, head.from)) return false;
  std::array<std::uint64_t*, 4> numbers{&head.version, &head.heard, &head.part, &head.parts};
  for (std::size_t i = 0; i < form->numbers; ++i) {
    if (!take_number(line, *numbers[i])) return false;
  }
  return head.kind != PresenceNoteKind::snapshot || (head.part < head.parts && head.parts <= kMaxSnapshotParts);
}

bool decode_state(std::string_view line, std::vector<StreamState>& states) {
  StreamState state;
  if (!take_node(line, state.to) || !take_number(line, state.version) || !take_number(line, state.heard)) return false;
  states.push_back(std::move(state));
  return true;
}

bool take_people(std::string_view line, const domain::ChannelKey& channel, std::vector<PresenceEntry>& entries) {
  while (!line.empty()) {
    auto name = domain::percent_decode(take(line, ' '));
    if (!name) return false;
    auto user = domain::UserId::parse(std::move(*name));
    if (!user) return false;
    entries.emplace_back(channel, std::move(*user));
  }
  return true;
}

bool decode_line(std::string_view line, PresenceNote& note) {
  const auto sign = take(line, ' ');
  if (sign == "=") return decode_state(line, note.states);
  auto channel = domain::ChannelKey::parse(take(line, ' '));
  if (!channel || channel->kind != domain::ChannelKind::conversation) return false;
  if (!domain::ConversationKey::parse(channel->key)) return false;
  auto& changes = note.changes;
  if (sign == "x") return changes.closed.push_back(std::move(*channel)), line.empty();
  if (sign != "+" && sign != "-") return false;
  const bool came = sign == "+";
  if (!line.empty()) return take_people(line, *channel, came ? changes.came : changes.left);
  (came ? changes.wanted : changes.unwanted).push_back(std::move(*channel));
  return true;
}

template <class List>
bool ascends(const List& list) {
  return std::adjacent_find(list.begin(), list.end(), std::greater_equal<>{}) == list.end();
}

bool ascends(const PresenceNote& note) {
  const auto& c = note.changes;
  const auto not_before = [](const StreamState& a, const StreamState& b) { return a.to >= b.to; };
  const auto& states = note.states;
  return ascends(c.closed) && ascends(c.unwanted) && ascends(c.left) && ascends(c.wanted) && ascends(c.came) &&
         std::adjacent_find(states.begin(), states.end(), not_before) == states.end();
}

/// Whether the note has only lines of its kind.
bool may_hold(const PresenceNote& note) {
  const auto& c = note.changes;
  const bool states_fit = note.states.empty() || note.head.kind == PresenceNoteKind::beat;
  if (note.head.kind == PresenceNoteKind::delta) return states_fit;
  const std::size_t here = note.head.kind == PresenceNoteKind::snapshot ? c.wanted.size() + c.came.size() : 0;
  return states_fit && c.size() == here;
}

}  // namespace

std::vector<std::string> lines_of(const PresenceChanges& changes) {
  LineWriter lines;
  for (const auto& channel : changes.closed) lines.add('x', channel);
  for (const auto& channel : changes.unwanted) lines.add('-', channel);
  for (const auto& entry : changes.left) lines.add('-', entry);
  for (const auto& channel : changes.wanted) lines.add('+', channel);
  for (const auto& entry : changes.came) lines.add('+', entry);
  return lines.take();
}

std::vector<std::string> lines_of(const std::vector<StreamState>& states) {
  LineWriter lines;
  for (const auto& state : states) lines.add(state);
  return lines.take();
}

std::string encode(const PresenceHead& head, std::string_view lines) {
  const Form& form = kForms[static_cast<std::size_t>(head.kind)];
  std::string text{kFormat};
  text += ' ';
  text += form.word;
  text += ' ' + domain::percent_encode(head.from.node) + ' ' + std::to_string(head.from.incarnation);
  const std::array<std::uint64_t, 4> numbers{head.version, head.heard, head.part, head.parts};
  for (std::size_t i = 0; i < form.numbers; ++i) text += ' ' + std::to_string(numbers[i]);
  text += lines;
  return text;
}

std::string encode(const PresenceNote& note) {
  std::string all;
  for (const auto& text : lines_of(note.changes)) all += text;
  for (const auto& text : lines_of(note.states)) all += text;
  return encode(note.head, all);
}

std::optional<PresenceNote> decode_presence(std::string_view text) {
  if (text.size() > kMaxPresenceNote) return std::nullopt;
  auto rest = text;
  PresenceNote note;
  if (!decode_head(take(rest, '\n'), note.head)) return std::nullopt;
  while (!rest.empty()) {
    if (!decode_line(take(rest, '\n'), note)) return std::nullopt;
  }
  if (!may_hold(note) || !ascends(note)) return std::nullopt;
  if (encode(note) != text) return std::nullopt;
  return note;
}

}  // namespace danwa::presence
