#include "adapters/sse/event_ids.hpp"

#include <algorithm>
#include <utility>

#include "adapters/delivery/merged_frames.hpp"

namespace danwa::adapters::sse {
namespace {

bool tells_position(FrameKind kind) { return kind == FrameKind::watching || kind == FrameKind::reset; }
bool has_id(FrameKind kind) { return kind == FrameKind::update || kind == FrameKind::watching; }

}  // namespace

std::optional<std::string_view> epoch_of(const Frame& frame) {
  if (!tells_position(frame.kind())) return std::nullopt;
  // The frame is encoded by danwa: quotes in the conversation key before it are escaped.
  static constexpr std::string_view kMember = R"(,"cursor":")";
  auto rest = frame.json();
  const auto start = rest.find(kMember);
  if (start == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(start + kMember.size());
  const auto colon = rest.substr(0, rest.find('"')).find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return rest.substr(0, colon);
}

void EventIds::append_line(std::string& out, const Frame& frame) {
  if (const auto epoch = epoch_of(frame)) epoch_ = *epoch;
  advance(ahead_, frame);
  if (!has_id(frame.kind()) || epoch_.empty()) return;
  out += "id: " + epoch_ + ':';
  if (names_.empty()) out += std::to_string(frame.seq());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (i != 0) out += ',';
    out += names_[i] + '=' + std::to_string(ahead_[i]);
  }
  out += '\n';
}

void EventIds::begun(const Frame& frame) {
  if (!names_.empty()) advance(begun_, frame);
}

void EventIds::advance(std::vector<domain::Seq>& seqs, const Frame& frame) {
  if (tells_position(frame.kind())) {
    const auto cursor = merged_cursor_of(frame);
    if (!cursor) return;
    names_.clear();
    seqs.clear();
    for (const auto& [name, seq] : cursor->seqs) {
      names_.push_back(name);
      seqs.push_back(seq);
    }
  } else if (!names_.empty() && frame.kind() != FrameKind::ephemeral) {
    const auto found = std::find(names_.begin(), names_.end(), frame.channel().local_name());
    const auto index = static_cast<std::size_t>(found - names_.begin());
    if (index < seqs.size()) seqs[index] = frame.seq();
  }
}

}  // namespace danwa::adapters::sse
