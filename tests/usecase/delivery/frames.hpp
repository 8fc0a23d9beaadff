#pragma once

#include <string>
#include <vector>

#include "support/frames.hpp"
#include "usecase/delivery/frame.hpp"

namespace danwa::tests {

inline const std::string kNode = "node-1";

inline domain::ChannelKey lobby(std::string key = "lobby") {
  return domain::ChannelKey::conversation(company(), conversation(std::move(key)));
}

/// Update `seq` of the channel: a comment with the text "secret"; its id is `comment`, else `seq`.
inline delivery::FramePtr added(domain::Seq seq, std::uint64_t comment = 0, domain::ChannelKey channel = lobby(),
                                const domain::Epoch& epoch = "e") {
  const auto text = domain::CommentContent::trusted("secret");
  return encode_update({std::move(channel), seq, at(0),
                        domain::CommentAdded{comment_id(comment == 0 ? seq : comment), user(), text, {}}},
                       epoch);
}

/// Update `seq`: `comment` was removed.
inline delivery::FramePtr deleted(domain::Seq seq, std::uint64_t comment) {
  return encode_update({lobby(), seq, at(0), domain::CommentDeleted{comment_id(comment), user(), user()}}, "e");
}

/// Update `seq`: `comment` says "secret" now, and what it said before is gone.
inline delivery::FramePtr redacting(domain::Seq seq, std::uint64_t comment) {
  const auto text = domain::CommentContent::trusted("secret");
  return encode_update({lobby(), seq, at(0), domain::CommentUpdated{comment_id(comment), user(), text, true}}, "e");
}

inline delivery::FrameBatch added_range(domain::Seq first, domain::Seq last, const domain::Epoch& epoch = "e") {
  delivery::FrameBatch frames;
  for (auto seq = first; seq <= last; ++seq) frames.push_back(added(seq, 0, lobby(), epoch));
  return frames;
}

inline std::vector<domain::Seq> seqs(const delivery::FrameBatch& frames) {
  std::vector<domain::Seq> all;
  for (const auto& frame : frames) all.push_back(frame->seq());
  return all;
}

inline std::vector<domain::Seq> range(domain::Seq first, domain::Seq last) {
  std::vector<domain::Seq> all;
  for (auto seq = first; seq <= last; ++seq) all.push_back(seq);
  return all;
}

inline bool shows_text(const delivery::FramePtr& frame) {
  return delivery::Frame::current(frame)->json().find("secret") != std::string_view::npos;
}

}  // namespace danwa::tests
