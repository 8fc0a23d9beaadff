#include "usecase/delivery/frame.hpp"

#include "domain/core/result.hpp"

namespace danwa::delivery {
namespace {

using domain::Overloaded;

domain::Seq seq_of(const WatchPosition& position, const domain::ChannelKey& channel) {
  if (const auto* merged = std::get_if<MergedPosition>(&position)) return merged->in(channel);
  return std::get<domain::Cursor>(position).seq;
}

domain::Seq seq_of(const FrameContent& content) {
  const Overloaded find{
      [](const domain::Update& update) { return update.seq; },
      [](const UpdatesMissed& missed) { return missed.to; },
      [](const PresenceChanged&) { return domain::Seq{0}; },
      [](const auto& place) { return seq_of(place.position, place.channel); },
  };
  return std::visit(find, content);
}

std::size_t text_size(const domain::UpdateBody& body) {
  const Overloaded measure{
      [](const domain::CommentAdded& added) { return added.content ? added.content->value().size() : 0; },
      [](const domain::CommentUpdated& updated) { return updated.content ? updated.content->value().size() : 0; },
      [](const domain::NotificationAdded& added) { return added.text.value().size(); },
      [](const auto&) { return std::size_t{0}; },
  };
  return std::visit(measure, body);
}

}  // namespace

domain::Seq MergedPosition::in(const domain::ChannelKey& channel) const {
  const auto place = cursor.in(channel);
  return place ? place->seq : 0;
}

Frame::Frame(FrameContent content, const FrameEncoder& encoder, domain::Epoch epoch)
    : content_{std::move(content)},
      encoder_{encoder},
      epoch_{std::move(epoch)},
      seq_{seq_of(content_)},
      encoded_{encoder.encode(content_)},
      size_{sizeof(Frame) + encoded_.bytes.capacity() + (update() ? text_size(update()->body) : 0)},
      takes_text_{update() && domain::takes_text(update()->body)} {}

const domain::ChannelKey& Frame::channel() const {
  if (const auto* const update = this->update()) return update->channel;
  return std::visit([](const auto& what) -> const domain::ChannelKey& { return what.channel; }, content_);
}

void Frame::redact() const {
  if (!update() || !domain::holds_text(update()->body)) return;
  if (redacting_.exchange(true, std::memory_order_acq_rel)) return;
  replacement_ = std::make_shared<const Frame>(domain::without_text(*update()), encoder_, epoch_);
  is_redacted_.store(true, std::memory_order_release);
}

}  // namespace danwa::delivery
