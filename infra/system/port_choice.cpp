#include "infra/system/port_choice.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace danwa::infra {
namespace {

/// A port that was free a moment ago on `address`; empty when there is none.
std::string free_port(const addrinfo& address) {
  const int descriptor = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return {};
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  std::array<char, NI_MAXSERV> port{};
  auto* raw = reinterpret_cast<sockaddr*>(&bound);
  const bool known = ::bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 &&
                     ::getsockname(descriptor, raw, &size) == 0 &&
                     ::getnameinfo(raw, size, nullptr, 0, port.data(), port.size(), NI_NUMERICSERV) == 0;
  ::close(descriptor);
  return known ? std::string{port.data()} : std::string{};
}

}  // namespace

std::string choose_port(const std::string& listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos || listen.substr(colon + 1) != "0") return listen;
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), "0", &hints, &found) != 0) return listen;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  const std::string port = free_port(*found);
  return port.empty() ? listen : listen.substr(0, colon + 1) + port;
}

}  // namespace danwa::infra
