#include "adapters/sse/event_ids.hpp"

#include <algorithm>

namespace danwa::adapters::sse {
namespace {

bool has_id(FrameKind kind) { return kind == FrameKind::update || kind == FrameKind::watching; }

const WatchPosition* position_of(const Frame& frame) {
  if (const auto* const watching = std::get_if<Watching>(&frame.content())) return &watching->position;
  const auto* const reset = std::get_if<Reset>(&frame.content());
  return reset == nullptr ? nullptr : &reset->position;
}

domain::Epoch epoch_of(const WatchPosition& position) {
  if (const auto* const merged = std::get_if<MergedPosition>(&position)) return merged->cursor.epoch;
  return std::get<domain::Cursor>(position).epoch.value_or(domain::Epoch{});
}

}  // namespace

void EventIds::append_line(std::string& out, const Frame& frame) {
  if (const auto* const position = position_of(frame)) {
    if (auto epoch = epoch_of(*position); !epoch.empty()) epoch_ = std::move(epoch);
  }
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
  if (const auto* const position = position_of(frame)) {
    const auto* const merged = std::get_if<MergedPosition>(position);
    if (merged == nullptr) return;
    names_.clear();
    seqs.clear();
    for (const auto& [name, seq] : merged->cursor.seqs) {
      names_.push_back(name);
      seqs.push_back(seq);
    }
    return;
  }
  if (names_.empty() || frame.kind() == FrameKind::ephemeral) return;
  const auto found = std::find(names_.begin(), names_.end(), frame.channel().local_name());
  const auto index = static_cast<std::size_t>(found - names_.begin());
  if (index < seqs.size()) seqs[index] = frame.seq();
}

}  // namespace danwa::adapters::sse
