#include "adapters/delivery/removals.hpp"

#include <algorithm>

namespace danwa::adapters {

void redact_text(const Frame& frame) {
  if (frame.kind() != FrameKind::update || frame.deletes() || frame.redacted()) return;
  frame.redact(encode_redacted(frame));
}

void redact_text_of(const Frame& frame, const domain::CommentId& comment) {
  if (frame.comment() == comment) redact_text(frame);
}

void Removals::remember(const domain::CommentId& comment, Time now) {
  const auto young =
      std::find_if(list_.begin(), list_.end(), [now](const Removal& r) { return now - r.at <= kMaxAge; });
  list_.erase(list_.begin(), young);
  if (std::any_of(list_.begin(), list_.end(), [&](const Removal& r) { return r.comment == comment; })) return;
  if (list_.size() == kMax) list_.erase(list_.begin());
  list_.push_back(Removal{comment, now});
}

void Removals::screen(const Frame& frame) const {
  if (list_.empty() || !frame.comment()) return;
  const auto removed = [&](const Removal& r) { return r.comment == *frame.comment(); };
  if (std::any_of(list_.begin(), list_.end(), removed)) redact_text(frame);
}

}  // namespace danwa::adapters
