#include "infra/client/endpoint.hpp"

#include <utility>

namespace danwa::infra {

Endpoint Endpoint::parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = text;
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto fail = [](const std::string& reason) {
    throw NetworkError{reason + "; a node's address is host:port, e.g. 127.0.0.1:8080"};
  };
  const auto place = net::parse_host_port(rest);
  if (!place) fail(place.error());
  if (place->host.empty() || place->port == 0)
    fail("\"" + std::string{rest} + "\" names no host or port to connect to");
  auto addresses = net::resolve(*place, net::Purpose::connect);
  if (!addresses) throw NetworkError{addresses.error()};
  return {std::string{rest}, std::move(*addresses)};
}

}  // namespace danwa::infra
