#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"

namespace danwa::presence {

/// One person in one conversation.
using PresenceEntry = std::pair<domain::ChannelKey, domain::UserId>;

/// The identity of one start of a node.
struct PresenceSelf {
  std::string node;               ///< its name, 1 to 255 bytes
  std::uint64_t incarnation = 0;  ///< new at each start, at most INT64_MAX
  friend auto operator<=>(const PresenceSelf&, const PresenceSelf&) = default;
};

inline constexpr std::size_t kMaxPresenceNote = 64 * 1024;  ///< bytes of a note
inline constexpr std::uint64_t kMaxSnapshotParts = 16'384;

/// The messages between nodes about their watchers. A note is text: a head line, then lines of its kind.
///
///     2 delta node-3 8113 17 4             node, incarnation, version before, heard; the version after is one higher
///     x acme:conversation:hall             the receiver is told nothing more about it: all people of the sender go
///     - acme:conversation:old              the sender does not want to know it any more
///     - acme:conversation:lobby carol      they left,
///     + acme:conversation:new              the sender wants to know it
///     + acme:conversation:lobby alice bob  they came
///     2 snapshot node-3 8113 18 4 0 1      version, heard, part, parts: everything, in lines with +
///     2 want node-3 8113 16                node-3 knows the stream of the receiver up to this version only
///     2 beat node-3 8113                   the node is alive
///     = node-1 5511 18 4                   its stream to node-1 is at version 18, heard 4
///     2 bye node-3 8113                    the node has no people any more, and nothing follows
///
/// Each node has a numbered stream to each other node: the conversations that it wants to know, and its people in the
/// conversations that the other one wants to know. `heard` is the version of the other direction that the stream takes
/// into account. A stream begins at a version of the sender's choice; the receiver begins at version 0 with nothing.
///
/// Names are percent-encoded. An incarnation is one start of a node. The lines are sorted: by kind in the order above,
/// then by channel, and the people in each line too. So every note has exactly one form. Its first word is the version
/// of the format.
enum class PresenceNoteKind : std::uint8_t { delta, snapshot, want, beat, bye };

struct PresenceHead {
  PresenceNoteKind kind = PresenceNoteKind::beat;
  PresenceSelf from{};        ///< the sender
  std::uint64_t version = 0;  ///< at most INT64_MAX, as all numbers
  std::uint64_t heard = 0;
  std::uint64_t part = 0;   ///< of a snapshot, from 0
  std::uint64_t parts = 0;  ///< of a snapshot, 1 to kMaxSnapshotParts
};

/// What happened in a stream. Each list is sorted.
struct PresenceChanges {
  std::vector<domain::ChannelKey> closed;  ///< applied before the others
  std::vector<domain::ChannelKey> unwanted;
  std::vector<PresenceEntry> left;
  std::vector<domain::ChannelKey> wanted;
  std::vector<PresenceEntry> came;

  std::size_t size() const { return closed.size() + unwanted.size() + left.size() + wanted.size() + came.size(); }
};

/// How far the stream to one node is, in a beat.
struct StreamState {
  PresenceSelf to;
  std::uint64_t version = 0;  ///< 0: the stream has not begun
  std::uint64_t heard = 0;
};

struct PresenceNote {
  PresenceHead head;
  PresenceChanges changes{};
  std::vector<StreamState> states{};
};

/// The lines of one or more notes; a new note begins when the last is full. Empty if there is no line.
std::vector<std::string> lines_of(const PresenceChanges& changes);
std::vector<std::string> lines_of(const std::vector<StreamState>& states);

/// One note from a head and its lines.
std::string encode(const PresenceHead& head, std::string_view lines = {});

/// One note from its parts, which must fit into one note.
std::string encode(const PresenceNote& note);

/// Nullopt for a note that is longer than 64 KiB, for a wrong order, or any other text that `encode` does not produce.
std::optional<PresenceNote> decode_presence(std::string_view text);

}  // namespace danwa::presence
