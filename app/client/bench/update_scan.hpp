#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace danwa::app::bench {

/// The fields of a JSON frame that the load tool needs. It reads them without a JSON parser, because its own texts need
/// no escapes.
struct ScannedFrame {
  std::string_view type;    ///< "comment-added", "watching", ...
  std::string_view id;      ///< commentId
  std::string_view text;    ///< commentContent as written in the JSON; empty: none
  std::string_view cursor;  ///< of `watching` and `reset`
  std::uint64_t seq = 0;

  /// Whether it shows the text of a post: not an edit, not a removal, and the text was not removed since.
  bool shows_post() const { return type == "comment-added" && !text.empty(); }
};

/// Reads one frame. Returns nullopt if the frame has no type, or an update has no seq.
std::optional<ScannedFrame> scan_frame(std::string_view json);

/// The text between the quotes behind `opening` (`"name":"`), with its escapes; empty if absent.
std::string_view scan_text(std::string_view json, std::string_view opening);

/// The number behind `opening` (`"name":`); 0 if absent.
std::uint64_t scan_number(std::string_view json, std::string_view opening);

}  // namespace danwa::app::bench
