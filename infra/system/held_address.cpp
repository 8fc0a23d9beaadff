#include "infra/system/held_address.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace danwa::infra {
namespace {

using Found = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Found find(std::string host, const std::string& port) {
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) found = nullptr;
  return {found, &::freeaddrinfo};
}

bool bind_shared(int descriptor, const addrinfo& address) {
  const int on = 1;
  return ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
         ::bind(descriptor, address.ai_addr, address.ai_addrlen) == 0;
}

/// The port that `descriptor` is bound to; empty when it is bound to none.
std::string port_of(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  std::array<char, NI_MAXSERV> port{};
  auto* raw = reinterpret_cast<sockaddr*>(&bound);
  const bool known = ::getsockname(descriptor, raw, &size) == 0 &&
                     ::getnameinfo(raw, size, nullptr, 0, port.data(), port.size(), NI_NUMERICSERV) == 0;
  return known ? std::string{port.data()} : std::string{};
}

}  // namespace

HeldAddress::HeldAddress(const std::string& listen) : text_{listen} {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return;
  const auto found = find(listen.substr(0, colon), listen.substr(colon + 1));
  if (!found) return;
  descriptor_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0 || !bind_shared(descriptor_, *found)) return;
  if (const auto port = port_of(descriptor_); !port.empty()) text_ = listen.substr(0, colon + 1) + port;
}

HeldAddress::~HeldAddress() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace danwa::infra
