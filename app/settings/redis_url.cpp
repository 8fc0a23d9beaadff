#include "app/settings/redis_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "app/settings/settings_reader.hpp"

namespace danwa::app {
namespace {

constexpr std::string_view kScheme = "redis://";

[[noreturn]] void refuse(std::string_view reason) { throw SettingsError{"redis.url " + std::string{reason}}; }

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

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

RedisPlace parse_redis_url(std::string_view url) {
  refuse_what_is_not_supported(url);
  const auto rest = url.substr(kScheme.size());
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || rest.ends_with(']')) refuse("must name the port: redis://HOST:PORT");
  std::string_view host = rest.substr(0, colon);
  const auto port = parse_port(rest.substr(colon + 1));
  if (!port) refuse("must end with a port, 1 to 65535");
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool visible = std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (host.empty() || !visible) refuse("must name the host: redis://HOST:PORT");
  if (!bracketed && host.find_first_of(":[]") != std::string_view::npos) {
    refuse("must have an IPv6 address in brackets: redis://[::1]:6379");
  }
  return {std::string{host}, *port};
}

}  // namespace danwa::app
