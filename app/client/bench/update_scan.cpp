#include "app/client/bench/update_scan.hpp"

#include <cstring>

namespace danwa::app::bench {
namespace {

/// `find` with glibc's memmem, which is several times faster than std::string_view::find.
std::size_t find(std::string_view text, std::string_view wanted) {
  const void* found = ::memmem(text.data(), text.size(), wanted.data(), wanted.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

std::string_view scan_text(std::string_view json, std::string_view opening) {
  const auto at = find(json, opening);
  if (at == std::string_view::npos) return {};
  const auto start = at + opening.size();
  auto end = start;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  return end <= json.size() ? json.substr(start, end - start) : std::string_view{};
}

std::uint64_t scan_number(std::string_view json, std::string_view opening) {
  const auto at = find(json, opening);
  if (at == std::string_view::npos) return 0;
  std::uint64_t number = 0;
  for (auto i = at + opening.size(); i < json.size() && json[i] >= '0' && json[i] <= '9'; ++i) {
    number = number * 10 + static_cast<std::uint64_t>(json[i] - '0');
  }
  return number;
}

std::optional<ScannedFrame> scan_frame(std::string_view json) {
  ScannedFrame frame;
  frame.type = scan_text(json, R"("type":")");
  if (frame.type.empty()) return std::nullopt;
  if (!frame.type.starts_with("comment-")) {
    frame.cursor = scan_text(json, R"("cursor":")");
    return frame;
  }
  frame.id = scan_text(json, R"("commentId":")");
  frame.text = scan_text(json, R"("commentContent":")");
  const auto after_text =
      frame.text.empty() ? json : json.substr(static_cast<std::size_t>(frame.text.end() - json.begin()));
  frame.seq = scan_number(after_text, R"("seq":)");
  return frame.seq == 0 ? std::nullopt : std::optional{frame};
}

}  // namespace danwa::app::bench
