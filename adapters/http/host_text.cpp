#include <algorithm>

#include "adapters/http/header_text.hpp"
#include "adapters/http/request_guard.hpp"

namespace danwa::adapters::http {
namespace {

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z'); }

/// RFC 3986's reg-name but for the comma, with which two joined `Host` lines would look like one.
bool is_name_char(char c) {
  return is_alnum(c) || std::string_view{"-._~!$&'()*+;="}.find(c) != std::string_view::npos;
}

bool is_ip6_char(char c) {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'f') || c == ':' || c == '.';
}

bool is_port(std::string_view port) {
  const auto value = parse_decimal(port);
  return port.size() <= 5 && value && *value <= 65535;
}

}  // namespace

bool is_valid_host(std::string_view host) {
  std::string_view rest;
  if (!host.empty() && host.front() == '[') {
    const auto end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const auto address = host.substr(1, end - 1);
    if (!std::all_of(address.begin(), address.end(), is_ip6_char)) return false;
    rest = host.substr(end + 1);
  } else {
    const auto end = std::min(host.find(':'), host.size());
    const auto name = host.substr(0, end);
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_char)) return false;
    rest = host.substr(end);
  }
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

}  // namespace danwa::adapters::http
