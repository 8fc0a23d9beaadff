#include "adapters/http/accept.hpp"

#include <array>

#include "adapters/http/header_text.hpp"

namespace danwa::adapters::http {
namespace {

constexpr int kNoQuality = -1;

/// `q=0.875` as 875; 1000 when there is none; kNoQuality when malformed: such a range counts for nothing.
int parse_quality(std::string_view parameters) {
  while (const auto parameter = next_element(parameters, ';')) {
    if (parameter->size() < 2 || to_lower((*parameter)[0]) != 'q' || (*parameter)[1] != '=') continue;
    const auto text = parameter->substr(2);
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return kNoQuality;
    if (text.size() > 1 && text[1] != '.') return kNoQuality;
    int thousandths = (text[0] - '0') * 1000;
    int weight = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
      if (c < '0' || c > '9') return kNoQuality;
      thousandths += (c - '0') * weight;
      weight /= 10;
    }
    return thousandths <= 1000 ? thousandths : kNoQuality;
  }
  return 1000;
}

/// 3 for the type itself, 2 for `type/*`, 1 for `*/*`, 0 for no match.
int match_depth(std::string_view range, std::string_view type) {
  if (equals_ignoring_case(range, type)) return 3;
  const auto slash = type.find('/');
  if (range.size() == slash + 2 && range.ends_with("/*") &&
      equals_ignoring_case(range.substr(0, slash), type.substr(0, slash))) {
    return 2;
  }
  return range == "*/*" ? 1 : 0;
}

/// What the client thinks of `type`, 0 to 1000.
int quality_of(const Request& request, std::string_view type) {
  int depth = 0;
  int quality = 0;
  for (const auto& [name, value] : request.headers) {
    if (name != "accept") continue;
    std::string_view rest = value;
    while (const auto element = next_element(rest, ',')) {
      std::string_view parameters = *element;
      const auto range = next_element(parameters, ';');
      const int found = match_depth(*range, type);
      const int q = found > depth ? parse_quality(parameters) : kNoQuality;
      if (q == kNoQuality) continue;
      depth = found;
      quality = q;
    }
  }
  return quality;
}

}  // namespace

std::string_view choose_media_type(const Request& request, std::span<const std::string_view> offered) {
  const auto accept = request.header("accept");
  if (!accept || trim(*accept).empty()) return offered.front();
  std::string_view best;
  int best_quality = 0;
  for (const auto type : offered) {
    const int quality = quality_of(request, type);
    if (quality > best_quality) {
      best = type;
      best_quality = quality;
    }
  }
  return best;
}

bool prefers_event_stream(const Request& request) {
  constexpr std::array<std::string_view, 2> kOffered{"application/json", "text/event-stream"};
  return choose_media_type(request, kOffered) == kOffered[1];
}

}  // namespace danwa::adapters::http
