#pragma once

#include <string_view>

#include "infra/net/host_port.hpp"

namespace danwa::app {

/// Where Redis is: `redis://HOST:PORT`. Throws SettingsError for anything else, saying what to use instead: TLS, a
/// socket's path, a user, a password or a database in the URL. Never repeats the URL, which may hold a password.
net::HostPort parse_redis_url(std::string_view url);

}  // namespace danwa::app
