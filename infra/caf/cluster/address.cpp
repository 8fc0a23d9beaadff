#include "infra/caf/cluster/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace danwa::infra {
namespace {

std::optional<in_addr> to_v4(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) != 1) return std::nullopt;
  return address;
}

std::optional<in6_addr> to_v6(const std::string& host) {
  in6_addr address{};
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) return std::nullopt;
  return address;
}

bool same(const in6_addr& a, const in6_addr& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (!is_visible_ascii(text, kMaxText)) return std::nullopt;
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port_text = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  Address address{std::string{host}, 0};
  if (host.empty() || bracketed != to_v6(address.host).has_value()) return std::nullopt;
  const auto end = port_text.data() + port_text.size();
  const auto [parsed, error] = std::from_chars(port_text.data(), end, address.port);
  if (error != std::errc{} || parsed != end) return std::nullopt;
  return address;
}

std::string Address::to_string() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Address::is_ip() const { return to_v4(host) || to_v6(host); }

bool Address::is_loopback() const {
  if (host == "localhost") return true;
  if (const auto v4 = to_v4(host)) return (ntohl(v4->s_addr) >> 24) == 127;
  const auto v6 = to_v6(host);
  return v6 && same(*v6, in6addr_loopback);
}

bool Address::is_unspecified() const {
  if (const auto v4 = to_v4(host)) return v4->s_addr == 0;
  const auto v6 = to_v6(host);
  return v6 && same(*v6, in6addr_any);
}

bool is_visible_ascii(std::string_view text, std::size_t most) {
  const auto visible = [](char c) { return c > ' ' && c < 0x7F; };
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), visible);
}

}  // namespace danwa::infra
