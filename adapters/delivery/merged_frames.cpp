#include "adapters/delivery/merged_frames.hpp"

#include <memory>
#include <utility>

#include "adapters/json/json_text.hpp"

namespace danwa::adapters {
namespace {

constexpr std::string_view kCursor = R"(],"cursor":")";

void append_channels(std::string& out, const MergedPosition& position) {
  out += R"("channels":[)";
  for (const auto& channel : position.channels) {
    if (out.back() != '[') out += ',';
    append_json_string(out, channel);
  }
  out += kCursor;
  out += position.cursor.to_string();
  out += '"';
}

FramePtr control_frame(FrameKind kind, const domain::ChannelKey& channel, domain::Seq seq, std::string_view json) {
  return std::make_shared<const Frame>(Frame::Meta{kind, channel, seq, std::nullopt, false}, json);
}

}  // namespace

domain::Seq MergedPosition::in(const domain::ChannelKey& channel) const {
  const auto place = cursor.in(channel);
  return place ? place->seq : 0;
}

FramePtr encode_watching(const domain::ChannelKey& first, const MergedPosition& position, std::string_view node) {
  std::string json = R"({"type":"watching","payload":{)";
  append_channels(json, position);
  json += R"(,"node":)";
  append_json_string(json, node);
  json += "}}";
  return control_frame(FrameKind::watching, first, position.in(first), json);
}

FramePtr encode_reset(const domain::ChannelKey& channel, const MergedPosition& position) {
  std::string json = R"({"type":"reset","payload":{"channel":)";
  append_json_string(json, channel.local_name());
  json += ',';
  append_channels(json, position);
  json += "}}";
  return control_frame(FrameKind::reset, channel, position.in(channel), json);
}

std::optional<domain::MergedCursor> merged_cursor_of(const Frame& frame) {
  if (frame.kind() != FrameKind::watching && frame.kind() != FrameKind::reset) return std::nullopt;
  auto text = frame.json();
  const auto start = text.find(kCursor);  // our own encoding: a quote inside a string is escaped
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start + kCursor.size());
  auto cursor = domain::MergedCursor::parse(text.substr(0, text.find('"')));
  if (!cursor) return std::nullopt;
  return std::move(*cursor);
}

}  // namespace danwa::adapters
