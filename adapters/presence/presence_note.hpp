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

/// The messages between nodes about their watchers. A note is text: a head line, then lines of people.
///
///     1 delta node-3 8113 17               node, incarnation, version before; the version after is one higher
///     - acme:conversation:lobby carol      they left,
///     + acme:conversation:lobby alice bob  they came
///     1 beat node-3 8113 18                the node is alive and at this version
///     1 want node-3 8113 16                to that node: the sender knows its people up to this version only
///     1 snapshot node-3 8113 18 0 1        version, part, parts: all people of the node, in lines with +
///     1 bye node-3 8113                    the node has no people any more, and nothing follows
///
/// Names are percent-encoded. An incarnation is one start of a node; it begins at version 0 without people. The lines
/// are sorted (`-` first, then by channel), the people in each line too, and no line is empty. So every note has
/// exactly one form.
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

/// Builds the lines of people of one or more notes; a new note begins when the last is full. The caller adds entries in
/// sorted order.
class PresenceLines {
 public:
  void left(const PresenceEntry& entry) { add('-', entry); }
  void came(const PresenceEntry& entry) { add('+', entry); }

  /// One text for each note; empty if nothing was added.
  std::vector<std::string> take();

 private:
  void add(char sign, const PresenceEntry& entry);

  std::vector<std::string> texts_;
  std::string line_;  // the start of the open line
};

/// One note from a head and its lines.
std::string encode(const PresenceHead& head, std::string_view lines = {});

/// One note from its parts, which must fit into one note.
std::string encode(const PresenceNote& note);

/// Strict. Returns nullopt for an unknown version or kind, a bad name or number, an entry that is not a person in a
/// conversation, a wrong order, or any other text that `encode` does not produce.
std::optional<PresenceNote> decode_presence(std::string_view text);

}  // namespace danwa::adapters
