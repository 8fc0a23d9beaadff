#include "adapters/http/negotiation.hpp"

#include <algorithm>
#include <array>

#include "adapters/protocol/http/fields.hpp"

// Content negotiation (RFC 9110). For each type that a resource offers, the most specific range of `Accept` decides its
// quality. The type of the highest quality wins; of equals, the one that is offered first. Clients send careless
// headers, so this code is lenient: a malformed range is ignored instead of failing the request, and a range with
// parameters that the type does not have still selects the type, with a lower rank.

namespace danwa::adapters::http {
namespace {

/// True if no line names a coding other than identity.
bool is_unencoded(const Request& request) {
  const auto codings = request.elements("content-encoding");
  return std::all_of(codings.begin(), codings.end(), [](std::string_view coding) {
    return coding.empty() || equals_ignoring_case(coding, "identity");
  });
}

}  // namespace

bool is_utf8_name(std::string_view charset) {
  constexpr std::array<std::string_view, 3> kNames{"utf-8", "utf8", "csutf8"};  // IANA's, and a common misspelling
  return std::any_of(kNames.begin(), kNames.end(),
                     [charset](std::string_view name) { return equals_ignoring_case(charset, name); });
}

bool is_json(const Request& request) {
  if (request.count_header("content-type") != 1 || !is_unencoded(request)) return false;
  auto rest = *request.header("content-type");
  const auto type = next_element(rest, ';');
  if (!type || !equals_ignoring_case(*type, "application/json")) return false;
  Parameters parameters{rest};
  while (const auto parameter = parameters.next()) {
    if (equals_ignoring_case(parameter->name, "charset") && !is_utf8_name(parameter->value)) return false;
  }
  return !parameters.malformed();
}

namespace {

constexpr int kNoQuality = -1;
constexpr int kWholeQuality = 1000;

/// Parses `0.875` to 875. Returns kNoQuality for a malformed text; such a range is ignored. `.2` passes, because old
/// Java clients send it.
int parse_quality(std::string_view text) {
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = text.substr(0, point);
  const auto decimals = text.substr(std::min(point + 1, text.size()));
  if (text.empty() || text == "." || decimals.size() > 3) return kNoQuality;
  if (!whole.empty() && whole != "0" && whole != "1") return kNoQuality;
  int thousandths = whole == "1" ? kWholeQuality : 0;
  int weight = 100;
  for (const char c : decimals) {
    if (c < '0' || c > '9') return kNoQuality;
    thousandths += (c - '0') * weight;
    weight /= 10;
  }
  return thousandths <= kWholeQuality ? thousandths : kNoQuality;
}

/// An offered type, `type/subtype` and perhaps parameters.
struct Offer {
  std::string_view type;
  std::string_view parameters;

  explicit Offer(std::string_view text) : type{text} {
    const auto end = text.find(';');
    if (end == std::string_view::npos) return;
    type = text.substr(0, end);
    parameters = text.substr(end + 1);
  }

  /// True if the type has the parameter. Every answer is UTF-8, so `charset=utf-8` always matches.
  bool has(const Parameter& wanted) const {
    if (equals_ignoring_case(wanted.name, "charset") && is_utf8_name(wanted.value)) return true;
    Parameters own{parameters};
    while (const auto parameter = own.next()) {
      if (equals_ignoring_case(parameter->name, wanted.name))
        return equals_ignoring_case(parameter->value, wanted.value);
    }
    return false;
  }
};

/// One element of `Accept`, compared with an offer.
struct Range {
  int depth = 0;  // how specifically it names the offer; 0: not at all
  int quality = kWholeQuality;
};

constexpr int kAnything = 1;
constexpr int kAnySubtype = 2;
constexpr int kOtherParameters = 3;  // parameters that the type does not have
constexpr int kExactly = 4;          // and one more for each parameter

int match_depth(std::string_view range, std::string_view type) {
  if (equals_ignoring_case(range, type)) return kExactly;
  const auto slash = type.find('/');
  if (range.size() == slash + 2 && range.ends_with("/*") &&
      equals_ignoring_case(range.substr(0, slash), type.substr(0, slash))) {
    return kAnySubtype;
  }
  return range == "*/*" || range == "*" ? kAnything : 0;
}

Range read_range(std::string_view element, const Offer& offer) {
  const auto name = next_element(element, ';');
  Range range{.depth = match_depth(name.value_or(""), offer.type)};
  const bool exact = range.depth == kExactly;
  Parameters parameters{element};
  while (const auto parameter = parameters.next()) {
    if (equals_ignoring_case(parameter->name, "q")) {
      range.quality = parse_quality(parameter->value);
      break;
    }
    if (exact) range.depth = offer.has(*parameter) && range.depth >= kExactly ? range.depth + 1 : kOtherParameters;
  }
  if (parameters.malformed()) range.quality = kNoQuality;
  return range;
}

/// The quality that the client gives to `offer` with the elements of `Accept`, 0 to 1000.
int quality_of(const std::vector<std::string_view>& accepted, const Offer& offer) {
  Range best{.depth = 0, .quality = 0};
  for (const auto element : accepted) {
    const Range range = read_range(element, offer);
    if (range.depth > best.depth && range.quality != kNoQuality) best = range;
  }
  return best.quality;
}

/// True if there is no `Accept`, or every line of it is empty.
bool accepts_all(const Request& request) {
  return std::all_of(request.headers.begin(), request.headers.end(),
                     [](const auto& header) { return header.first != "accept" || trim(header.second).empty(); });
}

}  // namespace

std::string_view choose_media_type(const Request& request, std::span<const std::string_view> offered) {
  if (accepts_all(request)) return offered.front();
  const auto accepted = request.elements("accept");
  std::string_view best;
  int best_quality = 0;
  for (const auto type : offered) {
    const int quality = quality_of(accepted, Offer{type});
    if (quality > best_quality) {
      best = type;
      best_quality = quality;
    }
  }
  return best;
}

}  // namespace danwa::adapters::http
