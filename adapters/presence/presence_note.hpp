#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/presence/present_people.hpp"

namespace danwa::adapters {

inline constexpr std::size_t kMaxPresenceNote = 64 * 1024;  ///< bytes of a note
inline constexpr std::uint64_t kMaxSnapshotParts = 16'384;

/// What nodes say to each other about their watchers. A note is text: a line of words, then lines of people.
///
///     1 delta node-3 8113 17               node, incarnation, from version: it is one higher afterwards
///     - acme:conversation:lobby carol      they went,
///     + acme:conversation:lobby alice bob  they came
///     1 beat node-3 8113 18                alive, and at this version
///     1 want node-3 8113 16                to that node: somebody knows you up to here only
///     1 snapshot node-3 8113 18 0 1        version, part, parts: everybody there, in lines with +
///     1 bye node-3 8113                    nobody there any more, and nothing follows
///
/// Names are percent-encoded. An incarnation is the number of one start of a node; each starts at version 0,
/// with nobody. The lines are sorted (`-` first, then by channel), so are the people in each, and none of
/// them is empty: every note has one form.
enum class PresenceNoteKind : std::uint8_t { delta, beat, want, snapshot, bye };

struct PresenceHead {
  PresenceNoteKind kind = PresenceNoteKind::beat;
  std::string node = {};          ///< 1 to 255 bytes
  std::uint64_t incarnation = 0;  ///< at most INT64_MAX, as all numbers
  std::uint64_t version = 0;
  std::uint64_t part = 0;   ///< of a snapshot, from 0
  std::uint64_t parts = 0;  ///< of a snapshot, 1 to kMaxSnapshotParts
};

struct PresenceNote {
  PresenceHead head;
  std::vector<PresenceEntry> left;
  std::vector<PresenceEntry> came;
};

/// The lines of people of one or more notes: a new one whenever the last is full. Sorted as they are added.
class PresenceLines {
 public:
  void left(const PresenceEntry& entry) { add('-', entry); }
  void came(const PresenceEntry& entry) { add('+', entry); }

  /// One text for each note; none when nothing was added.
  std::vector<std::string> take();

 private:
  void add(char sign, const PresenceEntry& entry);

  std::vector<std::string> texts_;
  std::string line_;  // the start of the open line
};

/// Head and lines as one note.
std::string encode(const PresenceHead& head, std::string_view lines = {});

/// The same from its parts, which must fit into one note.
std::string encode(const PresenceNote& note);

/// Strict: nothing for an unknown version or kind, a bad name or number, an entry that is no person in a
/// conversation, a wrong order, or anything else that `encode` would not have written.
std::optional<PresenceNote> decode_presence(std::string_view text);

}  // namespace danwa::adapters
