#include "adapters/delivery/removals.hpp"

#include <algorithm>

namespace danwa::adapters {

void redact_text_of(const Frame& frame, const domain::CommentId& comment, domain::Seq before) {
  const auto* const about = frame.comment();
  if (about != nullptr && *about == comment && frame.seq() < before) frame.redact();
}

void Removals::remember(const domain::CommentId& comment, Time now, domain::Seq before) {
  const auto young =
      std::find_if(list_.begin(), list_.end(), [now](const Removal& r) { return now - r.at <= kMaxAge; });
  list_.erase(list_.begin(), young);
  const auto known = std::find_if(list_.begin(), list_.end(), [&](const Removal& r) { return r.comment == comment; });
  if (known != list_.end()) {
    if (before <= known->before) return;
    list_.erase(known);
  }
  if (list_.size() == kMax) list_.erase(list_.begin());
  list_.push_back(Removal{comment, now, before});
}

void Removals::screen(const Frame& frame) const {
  if (list_.empty() || !frame.comment()) return;
  const auto removed = [&](const Removal& r) { return r.comment == *frame.comment() && frame.seq() < r.before; };
  if (std::any_of(list_.begin(), list_.end(), removed)) frame.redact();
}

}  // namespace danwa::adapters
