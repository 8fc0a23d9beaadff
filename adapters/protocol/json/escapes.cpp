#include "adapters/protocol/json/escapes.hpp"

#include <algorithm>
#include <optional>
#include <tao/pegtl/contrib/unescape.hpp>

#include "domain/core/text.hpp"

namespace danwa::adapters {
namespace {

bool is_high(unsigned code) { return code >= 0xD800 && code <= 0xDBFF; }
bool is_low(unsigned code) { return code >= 0xDC00 && code <= 0xDFFF; }

/// Decodes escapes one by one. `at_` is the first byte that is not decoded.
class Decoder {
 public:
  explicit Decoder(std::string_view raw) : raw_{raw} {}

  tl::expected<std::string, std::size_t> run() {
    while (at_ < raw_.size()) {
      const auto plain = std::min(raw_.find('\\', at_), raw_.size());
      out_ += raw_.substr(at_, plain - at_);
      at_ = plain;
      if (at_ < raw_.size() && !escape()) return tl::unexpected{at_};
    }
    return std::move(out_);
  }

 private:
  bool escape() {
    if (raw_.size() - at_ < 2) return false;
    if (raw_[at_ + 1] == 'u') return unicode();
    constexpr std::string_view kNames = "\"\\/bfnrt";
    const auto which = kNames.find(raw_[at_ + 1]);
    if (which == std::string_view::npos) return false;
    out_ += "\"\\/\b\f\n\r\t"[which];
    at_ += 2;
    return true;
  }

  bool unicode() {
    if (raw_.substr(at_, 3) == "\\u{") return braced();
    const auto unit = four_digits(at_);
    if (!unit) return false;
    if (!is_high(*unit)) return append(*unit, 6);
    const auto low = four_digits(at_ + 6);
    if (!low || !is_low(*low)) return false;
    return append(0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00), 12);
  }

  bool braced() {
    const auto end = raw_.find('}', at_);
    if (end == std::string_view::npos) return false;
    const auto code = domain::parse_number<unsigned>(raw_.substr(at_ + 3, end - at_ - 3), 16);
    return code && append(*code, end + 1 - at_);
  }

  std::optional<unsigned> four_digits(std::size_t at) const {
    if (raw_.size() < at + 6 || raw_.substr(at, 2) != "\\u") return std::nullopt;
    return domain::parse_number<unsigned>(raw_.substr(at + 2, 4), 16);
  }

  /// False for half a surrogate pair, and beyond the last code point.
  bool append(unsigned code, std::size_t used) {
    if (!tao::pegtl::unescape::utf8_append_utf32(out_, code)) return false;
    at_ += used;
    return true;
  }

  std::string_view raw_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

tl::expected<std::string, std::size_t> decode_escapes(std::string_view raw) { return Decoder{raw}.run(); }

}  // namespace danwa::adapters
