#include "app/settings/redis_url.hpp"

#include <string>
#include <utility>

#include "app/settings/settings_reader.hpp"

namespace danwa::app {
namespace {

constexpr std::string_view kScheme = "redis://";

[[noreturn]] void refuse(std::string_view reason) { throw SettingsError{"redis.url " + std::string{reason}}; }

void refuse_what_is_not_supported(std::string_view url) {
  if (url.starts_with("rediss://")) refuse("asks for TLS, which is not supported: use redis:// through a tunnel");
  if (url.starts_with("unix://") || url.starts_with("redis+")) refuse("must be redis://HOST:PORT: TCP only");
  if (!url.starts_with(kScheme)) refuse("must be redis://HOST:PORT, e.g. redis://127.0.0.1:6379");
  const auto rest = url.substr(kScheme.size());
  if (rest.find('@') != std::string_view::npos) {
    refuse("must not hold a user or a password: use redis.user and redis.password_file");
  }
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    refuse("must end with the port: Pub/Sub knows no databases, and there are no options");
  }
}

}  // namespace

net::HostPort parse_redis_url(std::string_view url) {
  refuse_what_is_not_supported(url);
  auto place = net::parse_host_port(url.substr(kScheme.size()));
  if (!place || place->host.empty() || place->port == 0) {
    refuse(
        "must name the port, 1 to 65535, behind its host, as in redis://127.0.0.1:6379 or, with an IPv6 address in "
        "brackets, redis://[::1]:6379");
  }
  return std::move(*place);
}

}  // namespace danwa::app
