#include "infra/net/held_address.hpp"

#include <utility>

namespace danwa::net {

HeldAddress::HeldAddress(const std::string& listen) : text_{listen} {
  const auto place = parse_host_port(listen);
  if (!place) return;
  auto bound = bind_all(*place);
  if (!bound) return;
  text_ = bound->place.text();
  sockets_ = std::move(bound->sockets);
}

}  // namespace danwa::net
