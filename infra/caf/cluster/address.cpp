#include "infra/caf/cluster/address.hpp"

#include <algorithm>
#include <utility>

#include "infra/net/host_port.hpp"

namespace danwa::infra {

std::optional<Address> Address::parse(std::string_view text) {
  if (!is_visible_ascii(text, kMaxText)) return std::nullopt;
  auto place = net::parse_host_port(text);
  if (!place || place->host.empty()) return std::nullopt;
  return Address{std::move(place->host), place->port};
}

std::string Address::to_string() const { return net::HostPort{host, port}.text(); }

bool Address::is_ip() const { return net::HostPort{host, port}.is_numeric(); }

bool is_visible_ascii(std::string_view text, std::size_t most) {
  const auto visible = [](char c) { return c > ' ' && c < 0x7F; };
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), visible);
}

}  // namespace danwa::infra
