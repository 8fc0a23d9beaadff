#include "infra/net/listening.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

// One port on several addresses. For port 0 the kernel chooses a port for the first socket, and the others bind the
// same one. If that port is taken on another address, the whole is tried again. The sockets of failed tries stay open
// until the end, so the kernel does not offer the same port twice.
//
// The sockets behind the first are bound without SO_REUSEADDR. With it, Linux would share the port with a process that
// has bound it and does not listen yet. The option is set afterwards, as for all other sockets. HeldAddress depends on
// that sharing: it keeps a port for a listener that comes later.

namespace danwa::net {

HeldAddress::HeldAddress(const std::string& listen) : text_{listen} {
  const auto place = parse_host_port(listen);
  if (!place) return;
  auto bound = bind_all(*place);
  if (!bound) return;
  text_ = bound->place.text();
  sockets_ = std::move(bound->sockets);
}

namespace {

constexpr int kPortTries = 64;  // ports that the kernel may choose in vain

struct Failure {
  SocketAddress address;
  int error = 0;
};

bool set(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

bool is_not_here(int error) { return error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EPROTONOSUPPORT; }

std::string describe(const Failure& failure) { return failure.address.text() + ": " + std::strerror(failure.error); }

struct Binding {
  bool v6_only;    // another socket takes IPv4
  bool exclusive;  // do not share the port
};

/// The socket, or errno.
tl::expected<BoundSocket, int> bind_one(SocketAddress address, Binding binding) {
  Descriptor socket{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP)};
  if (!socket.is_open()) return tl::unexpected{errno};
  const bool v6 = address.family() == AF_INET6;
  if (v6 && binding.v6_only && !set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) return tl::unexpected{errno};
  if (!set(socket.get(), SOL_SOCKET, SO_REUSEADDR, binding.exclusive ? 0 : 1)) return tl::unexpected{errno};
  if (::bind(socket.get(), address.raw(), address.size) != 0) return tl::unexpected{errno};
  if (!set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1)) return tl::unexpected{errno};
  auto* raw = reinterpret_cast<sockaddr*>(&address.storage);
  if (::getsockname(socket.get(), raw, &address.size) != 0) return tl::unexpected{errno};
  return BoundSocket{std::move(socket), address};
}

/// Binds all addresses once and fills `bound`. Returns the first failure, which ends the pass.
std::optional<Failure> bind_each(const std::vector<SocketAddress>& addresses, BoundPlace& bound) {
  for (auto address : addresses) {
    const bool chosen = address.port() == 0 && !bound.sockets.empty();
    if (chosen) address.set_port(bound.place.port);
    auto one = bind_one(address, {.v6_only = addresses.size() > 1, .exclusive = chosen});
    if (!one && !is_not_here(one.error())) return Failure{address, one.error()};
    if (!one) {
      bound.skipped.push_back(describe({address, one.error()}));
      continue;
    }
    bound.place.port = one->address.port();
    bound.sockets.push_back(std::move(*one));
  }
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : "; ") + part;
  return all;
}

std::string quoted(const HostPort& place) { return "\"" + place.text() + "\" "; }

}  // namespace

tl::expected<BoundPlace, std::string> bind_all(const HostPort& place, bool loopback_only) {
  const auto addresses = resolve(place, Purpose::listen);
  if (!addresses) return tl::unexpected{addresses.error()};
  const auto outside =
      std::find_if_not(addresses->begin(), addresses->end(), [](const auto& address) { return address.is_loopback(); });
  if (loopback_only && outside != addresses->end()) {
    return tl::unexpected{quoted(place) + "has an address off loopback, " + outside->text()};
  }
  std::vector<BoundPlace> unlucky;
  for (int tries = 1;; ++tries) {
    BoundPlace bound{place, {}, {}};
    const auto failure = bind_each(*addresses, bound);
    if (!failure && bound.sockets.empty()) {
      return tl::unexpected{quoted(place) + "has no address of this host: " + joined(bound.skipped)};
    }
    if (!failure) return bound;
    const bool other_port_may_do = place.port == 0 && failure->error == EADDRINUSE && !bound.sockets.empty();
    if (!other_port_may_do || tries == kPortTries) {
      return tl::unexpected{quoted(place) + "cannot be bound: " + describe(*failure)};
    }
    unlucky.push_back(std::move(bound));
  }
}

BoundPlace listen_on(const ListenPlace& wanted, adapters::Logger& log) {
  const auto fail = [&](const std::string& reason) {
    throw std::runtime_error{std::string{wanted.setting} + " " + reason};
  };
  const auto place = parse_host_port(wanted.address);
  if (!place) fail(place.error());
  auto bound = bind_all(*place, wanted.loopback_only);
  if (!bound) fail(bound.error());
  for (const auto& one : bound->sockets) {
    set(one.socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);  // an accepted socket inherits it
    if (::listen(one.socket.get(), wanted.backlog) != 0) {
      fail(quoted(*place) + "cannot be listened on: " + describe({one.address, errno}));
    }
  }
  for (const auto& address : bound->skipped) {
    log.warn("net.address_skipped", {{"setting", std::string{wanted.setting}}, {"address", address}});
  }
  return std::move(*bound);
}

}  // namespace danwa::net
