#include "adapters/http/authority.hpp"

#include <algorithm>
#include <array>

#include "adapters/http/header_text.hpp"

// Two texts that name one server are made one text: letters of any case, the spellings of an IPv6 address,
// the dot that ends an absolute name, the port that the scheme has anyway.

namespace danwa::adapters::http {
namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

/// Characters of a reg-name in RFC 3986, but for the comma: two joined `Host` lines would look like one.
bool is_name_char(char c) {
  return is_decimal(c) || is_letter(c) || std::string_view{"-._~!$&'()*+;="}.find(c) != std::string_view::npos;
}

bool is_port(std::string_view port) {
  if (port.empty()) return true;
  const auto value = parse_decimal(port);
  return port.size() <= 5 && value && *value <= 65535;
}

/// The sixteen-bit groups of an IPv6 address while it is read.
class Groups {
 public:
  static constexpr std::size_t kAll = 8;

  /// Adds `a:b:c`; the last part may be an IPv4 address when it ends the whole. False when it is malformed.
  bool add_list(std::string_view list, bool ends_address) {
    while (!list.empty()) {
      const auto colon = list.find(':');
      const auto part = list.substr(0, colon);
      const bool last = colon == std::string_view::npos;
      if (last && ends_address && part.find('.') != std::string_view::npos) return add_ip4(part);
      if (!add_group(part)) return false;
      if (last) return true;
      list.remove_prefix(colon + 1);
      if (list.empty()) return false;
    }
    return true;
  }

  /// Makes room: the groups from `begin` on become the last ones, zeros come before them.
  bool fill(std::size_t begin) {
    if (size_ >= kAll) return false;
    std::rotate(groups_.begin() + static_cast<std::ptrdiff_t>(begin),
                groups_.begin() + static_cast<std::ptrdiff_t>(size_), groups_.end());
    size_ = kAll;
    return true;
  }

  std::size_t size() const { return size_; }

  std::string to_string() const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out = "[";
    for (const auto group : groups_) {
      if (out.size() > 1) out += ':';
      for (int shift = 12; shift >= 0; shift -= 4) {
        if (group >> shift != 0 || shift == 0) out += kDigits[group >> shift & 15];
      }
    }
    return out + ']';
  }

 private:
  bool push(unsigned value) {
    if (size_ == kAll) return false;
    groups_[size_++] = static_cast<std::uint16_t>(value);
    return true;
  }

  bool add_group(std::string_view digits) {
    if (digits.empty() || digits.size() > 4) return false;
    unsigned value = 0;
    for (const char c : digits) {
      const char low = to_lower(c);
      if (!is_decimal(c) && (low < 'a' || low > 'f')) return false;
      value = value * 16 + static_cast<unsigned>(is_decimal(c) ? c - '0' : low - 'a' + 10);
    }
    return push(value);
  }

  bool add_ip4(std::string_view text) {
    std::array<unsigned, 4> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto dot = i == 3 ? text.size() : text.find('.');
      if (dot == std::string_view::npos) return false;
      const auto digits = text.substr(0, dot);
      const auto value = parse_decimal(digits);
      if (!value || *value > 255 || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return false;
      bytes[i] = static_cast<unsigned>(*value);
      text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return push(bytes[0] << 8U | bytes[1]) && push(bytes[2] << 8U | bytes[3]);
  }

  std::array<std::uint16_t, kAll> groups_{};
  std::size_t size_ = 0;
};

/// RFC 4291 section 2.2: eight groups, or fewer around one `::`.
std::optional<Groups> parse_ip6(std::string_view text) {
  Groups groups;
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!groups.add_list(text, true) || groups.size() != Groups::kAll) return std::nullopt;
    return groups;
  }
  if (!groups.add_list(text.substr(0, gap), false)) return std::nullopt;
  const auto begin = groups.size();
  if (!groups.add_list(text.substr(gap + 2), true) || !groups.fill(begin)) return std::nullopt;
  return groups;
}

struct Parts {
  std::string_view host;  // brackets included
  std::string_view port;
};

/// Host and port as they stand; nothing when the port is malformed or something else follows the host.
std::optional<Parts> take_apart(std::string_view text) {
  const bool bracketed = text.starts_with('[');
  auto end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos) return std::nullopt;
  end = bracketed ? end + 1 : std::min(end, text.size());
  const auto rest = text.substr(end);
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  return Parts{text.substr(0, end), rest.empty() ? rest : rest.substr(1)};
}

bool is_valid_host(std::string_view host) {
  if (host.starts_with('[')) return parse_ip6(host.substr(1, host.size() - 2)).has_value();
  return !host.empty() && std::all_of(host.begin(), host.end(), is_name_char);
}

std::string normalized(std::string_view host) {
  if (host.starts_with('[')) return parse_ip6(host.substr(1, host.size() - 2))->to_string();
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  return to_lower(host);
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_decimal(c) || c == '+' || c == '-' || c == '.';
  });
}

}  // namespace

bool is_valid_authority(std::string_view text) {
  const auto parts = take_apart(text);
  return parts && is_valid_host(parts->host);
}

std::optional<Authority> parse_authority(std::string_view text) {
  const auto parts = take_apart(text);
  if (!parts || !is_valid_host(parts->host)) return std::nullopt;
  Authority authority{normalized(parts->host), std::nullopt};
  if (!parts->port.empty()) authority.port = static_cast<std::uint16_t>(*parse_decimal(parts->port));
  return authority;
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return std::uint16_t{80};
  if (scheme == "https" || scheme == "wss") return std::uint16_t{443};
  return std::nullopt;
}

bool is_same_server(std::string_view scheme, const Authority& a, const Authority& b) {
  const auto usual = default_port(scheme);
  return a.host == b.host && (a.port ? a.port : usual) == (b.port ? b.port : usual);
}

std::optional<Origin> parse_origin(std::string_view text) {
  const auto end = text.find("://");
  if (end == std::string_view::npos || !is_scheme(text.substr(0, end))) return std::nullopt;
  auto authority = parse_authority(text.substr(end + 3));
  if (!authority) return std::nullopt;
  return Origin{to_lower(text.substr(0, end)), std::move(*authority)};
}

}  // namespace danwa::adapters::http
