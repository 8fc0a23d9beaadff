#include "adapters/http/ip_address.hpp"

#include <algorithm>
#include <charconv>

namespace danwa::adapters::http {
namespace {

/// Nothing when `text` is not one number of that base, of one to `most_digits` digits.
std::optional<unsigned> parse_number(std::string_view text, int base, std::size_t most_digits) {
  unsigned value = 0;
  const auto* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value, base);
  if (text.size() > most_digits || error != std::errc{} || parsed != end) return std::nullopt;
  return value;
}

/// The bytes of an IPv6 address while it is read.
struct Groups {
  IpV6 bytes{};
  std::size_t size = 0;

  bool add(std::initializer_list<unsigned> more) {
    if (size + more.size() > bytes.size()) return false;
    for (const auto byte : more) bytes[size++] = static_cast<std::uint8_t>(byte);
    return true;
  }

  bool add_group(std::string_view digits) {
    const auto group = parse_number(digits, 16, 4);
    return group && add({*group >> 8, *group & 0xFF});
  }

  bool add_ipv4(std::string_view text) {
    const auto v4 = parse_ipv4(text);
    return v4 && add({(*v4)[0], (*v4)[1], (*v4)[2], (*v4)[3]});
  }

  /// Adds `a:b:c`, or nothing when it is empty; the last part may be an IPv4 address when it ends the whole.
  bool add_list(std::string_view list, bool ends_address) {
    if (list.empty()) return true;
    for (auto colon = list.find(':'); colon != std::string_view::npos; colon = list.find(':')) {
      if (!add_group(list.substr(0, colon))) return false;
      list.remove_prefix(colon + 1);
    }
    return ends_address && list.find('.') != std::string_view::npos ? add_ipv4(list) : add_group(list);
  }
};

}  // namespace

std::optional<IpV4> parse_ipv4(std::string_view text) {
  IpV4 bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto end = i == 3 ? text.size() : std::min(text.find('.'), text.size());
    const auto digits = text.substr(0, end);
    const auto value = parse_number(digits, 10, 3);
    if (!value || *value > 255 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return bytes;
}

std::optional<IpV6> parse_ipv6(std::string_view text) {
  Groups groups;
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!groups.add_list(text, true) || groups.size != groups.bytes.size()) return std::nullopt;
    return groups.bytes;
  }
  if (!groups.add_list(text.substr(0, gap), false)) return std::nullopt;
  const auto front = static_cast<std::ptrdiff_t>(groups.size);
  if (!groups.add_list(text.substr(gap + 2), true) || groups.size == groups.bytes.size()) return std::nullopt;
  const auto begin = groups.bytes.begin();
  std::rotate(begin + front, begin + static_cast<std::ptrdiff_t>(groups.size), groups.bytes.end());  // zeros between
  return groups.bytes;
}

}  // namespace danwa::adapters::http
