#include "adapters/protocol/http/authority.hpp"

#include <algorithm>

#include "adapters/protocol/http/fields.hpp"
#include "domain/core/text.hpp"

// A server has many names: letters of any case, several spellings of an IPv6 address, a dot at the end, a port that the
// scheme implies. The checks of `Host` and `Origin` must not depend on the spelling. So a text is parsed strictly, and
// each authority is written in one form, in which texts compare. A text that is not clearly a host and a port is
// refused. Validation alone allocates nothing, because the guard calls it for every request.

namespace danwa::adapters::http {
namespace {

using domain::parse_number;

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
    const auto group = parse_number<unsigned>(digits, 16);
    return group && digits.size() <= 4 && add({*group >> 8, *group & 0xFF});
  }

  bool add_ipv4(std::string_view text) {
    const auto v4 = parse_ipv4(text);
    return v4 && add({(*v4)[0], (*v4)[1], (*v4)[2], (*v4)[3]});
  }

  /// Adds `a:b:c`; an empty list adds nothing. If the list ends the address, its last part may be an IPv4 address.
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
    const auto value = parse_number<std::uint8_t>(digits);
    if (!value || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    bytes[i] = *value;
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

namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

/// Characters of a reg-name in RFC 3986, except the comma: two joined `Host` lines would look like one.
bool is_name_char(char c) {
  return is_decimal(c) || is_letter(c) || std::string_view{"-._~!$&'()*+;="}.find(c) != std::string_view::npos;
}

bool is_port(std::string_view port) { return port.empty() || (port.size() <= 5 && parse_number<std::uint16_t>(port)); }

/// Eight groups in brackets.
std::string to_text(const IpV6& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "[";
  for (std::size_t i = 0; i < address.size(); i += 2) {
    if (i > 0) out += ':';
    const unsigned group = address[i] * 256U + address[i + 1];
    for (int shift = 12; shift >= 0; shift -= 4) {
      if (group >> shift != 0 || shift == 0) out += kDigits[group >> shift & 15];
    }
  }
  return out + ']';
}

struct Parts {
  std::string_view host;  // brackets included
  std::string_view port;
};

/// Splits host and port. Returns nullopt if the port is malformed or something else follows the host.
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
  if (host.starts_with('[')) return parse_ipv6(host.substr(1, host.size() - 2)).has_value();
  return !host.empty() && std::all_of(host.begin(), host.end(), is_name_char);
}

std::string normalized(std::string_view host) {
  if (host.starts_with('[')) return to_text(*parse_ipv6(host.substr(1, host.size() - 2)));
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
  authority.port = parse_number<std::uint16_t>(parts->port);
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
