#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace danwa::app {

/// Where Redis is: `redis://HOST:PORT`.
struct RedisPlace {
  std::string host;  ///< IPv6 without brackets
  std::uint16_t port = 0;
};

/// Throws SettingsError for anything else, saying what to use instead: TLS, a socket's path, a user, a
/// password or a database in the URL. Never repeats the URL, which may hold a password.
RedisPlace parse_redis_url(std::string_view url);

}  // namespace danwa::app
