#pragma once

#include <string>

namespace danwa::infra {

/// `listen` ("host:port") with a free port in place of port 0; unchanged when it names a port or cannot
/// be bound (whoever binds it then says why).
std::string choose_port(const std::string& listen);

}  // namespace danwa::infra
