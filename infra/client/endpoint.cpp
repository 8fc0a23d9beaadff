#include "infra/client/endpoint.hpp"

#include <netdb.h>

#include <cstring>
#include <memory>

namespace danwa::infra {

Endpoint Endpoint::parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = text;
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == rest.size() || rest.find('/') != rest.npos) {
    throw NetworkError{"\"" + std::string{text} + "\" is no node address; host:port is expected, e.g. 127.0.0.1:8080"};
  }
  std::string host{rest.substr(0, colon)};
  const std::string port{rest.substr(colon + 1)};
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    throw NetworkError{std::string{text} + ": " + ::gai_strerror(error)};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  Endpoint endpoint;
  endpoint.name = std::string{rest};
  endpoint.family = found->ai_family;
  endpoint.size = found->ai_addrlen;
  std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
  return endpoint;
}

}  // namespace danwa::infra
