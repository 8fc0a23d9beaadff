#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace danwa::app::bench {

/// What the load tool reads out of a JSON frame, without a JSON parser: it knows its own texts, which
/// need no escapes.
struct ScannedFrame {
  std::string_view type;    ///< "comment-added", "watching", ...
  std::string_view id;      ///< commentId
  std::string_view text;    ///< commentContent as it stands in the JSON; empty where there is none
  std::string_view cursor;  ///< of `watching` and `reset`
  std::uint64_t seq = 0;

  /// Whether it shows what a post has sent: no edit, no removal, and its text was not taken since.
  bool shows_post() const { return type == "comment-added" && !text.empty(); }
};

/// Nothing when the frame has no type or an update has no seq.
std::optional<ScannedFrame> scan_frame(std::string_view json);

/// The text between the quotes behind `"name":"`, as it stands; empty when absent.
std::string_view scan_text(std::string_view json, std::string_view opening);

/// The number behind `"name":`; 0 when absent.
std::uint64_t scan_number(std::string_view json, std::string_view opening);

}  // namespace danwa::app::bench
