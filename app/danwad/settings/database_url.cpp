#include "app/danwad/settings/database_url.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "app/danwad/settings/value_text.hpp"
#include "domain/core/text.hpp"

// URLs of databases and of Redis. Two duties. A text that libpq would understand in another way than its author meant
// is refused: a bare `/`, `?` or `@` in a password splits a URL at the wrong place. And no password is ever shown.
// `without_password` also gets malformed URLs, so it hides everything from the first colon to the last `@`, and the
// value of every option whose name may be that of a password.

namespace danwa::app {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::array<std::string_view, 2> kPostgres{"postgres://", "postgresql://"};
constexpr std::string_view kMask = "********";

/// Length of the scheme with its slashes; 0: the scheme is not PostgreSQL's.
std::size_t scheme_size(std::string_view url) {
  for (const auto scheme : kPostgres) {
    if (url.starts_with(scheme)) return scheme.size();
  }
  return 0;
}

/// True if the option may hold a password. A name with an escape counts, because it may spell any name.
bool may_be_password(std::string_view name) {
  return name.find("password") != std::string_view::npos || name.find('%') != std::string_view::npos;
}

std::string masked_options(std::string_view options) {
  std::string shown;
  while (!options.empty()) {
    const auto end = std::min(options.find('&'), options.size());
    const auto option = options.substr(0, end);
    const auto equals = option.find('=');
    const bool hide = equals != std::string_view::npos && may_be_password(option.substr(0, equals));
    shown += hide ? std::string{option.substr(0, equals + 1)} + std::string{kMask} : std::string{option};
    if (end < options.size()) shown += '&';
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return shown;
}

}  // namespace

bool is_postgres(std::string_view url) { return scheme_size(url) != 0; }

std::string sqlite_path(std::string_view url, std::string_view key) {
  if (!url.starts_with(kSqlite) || url.size() == kSqlite.size()) {
    refuse(key, "must be sqlite:PATH, e.g. sqlite:/var/lib/danwa/danwa.db, or postgres://HOST/DATABASE");
  }
  return std::string{url.substr(kSqlite.size())};
}

void check_postgres_url(std::string_view url, std::string_view key) {
  if (!is_postgres(url)) refuse(key, "must be postgres://HOST/DATABASE, like database.master");
  const auto rest = url.substr(scheme_size(url));
  if (!std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7F; })) {
    refuse(key, "must not hold blanks, control characters or other than ASCII: write them as %20 and the like");
  }
  if (!domain::percent_decode(rest)) {
    refuse(key, "holds a % without two hexadecimal digits: a bare % is written %25");
  }
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  const auto before_options = rest.substr(0, rest.find('?'));
  if (std::count(authority.begin(), authority.end(), '@') > 1 ||
      before_options.find('@', authority.size()) != std::string_view::npos) {
    refuse(key, "must have %40 for @, %2F for / and %3F for ? in user and password: or use database.password_file");
  }
}

std::string with_password(std::string_view url, std::string_view password) {
  if (password.empty()) return std::string{url};
  std::string whole{url};
  const auto question = url.find('?');
  if (question == std::string_view::npos) whole += '?';
  if (question != std::string_view::npos && question + 1 < url.size()) whole += '&';
  return whole + "password=" + domain::percent_encode(password);
}

std::string without_password(std::string_view url) {
  if (url.empty() || url.starts_with(kSqlite)) return std::string{url};
  const auto slashes = url.find("://");
  if (slashes == std::string_view::npos) return std::string{kMask};  // libpq's other form, or a mistake
  const auto scheme = slashes + 3;
  std::string shown{url.substr(0, scheme)};
  auto rest = url.substr(scheme);
  const auto at = rest.rfind('@');
  const auto colon = rest.find(':');
  if (at != std::string_view::npos && colon < at) {
    shown.append(rest.substr(0, colon + 1)).append(kMask);
    rest.remove_prefix(at);
  }
  const auto question = std::min(rest.find('?'), rest.size());
  shown.append(rest.substr(0, question));
  if (question == rest.size()) return shown;
  return shown + "?" + masked_options(rest.substr(question + 1));
}

namespace {

constexpr std::string_view kScheme = "redis://";

[[noreturn]] void refuse_redis(std::string_view reason) { refuse("redis.url", reason); }

void refuse_what_is_not_supported(std::string_view url) {
  if (url.starts_with("rediss://")) refuse_redis("asks for TLS, which is not supported: use redis:// through a tunnel");
  if (url.starts_with("unix://") || url.starts_with("redis+")) refuse_redis("must be redis://HOST:PORT: TCP only");
  if (!url.starts_with(kScheme)) refuse_redis("must be redis://HOST:PORT, e.g. redis://127.0.0.1:6379");
  const auto rest = url.substr(kScheme.size());
  if (rest.find('@') != std::string_view::npos) {
    refuse_redis("must not hold a user or a password: use redis.user and redis.password_file");
  }
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    refuse_redis("must end with the port: Pub/Sub knows no databases, and there are no options");
  }
}

}  // namespace

net::HostPort parse_redis_url(std::string_view url) {
  refuse_what_is_not_supported(url);
  auto place = net::parse_host_port(url.substr(kScheme.size()));
  if (!place || place->host.empty() || place->port == 0) {
    refuse_redis(
        "must name the port, 1 to 65535, behind its host, as in redis://127.0.0.1:6379 or, with an IPv6 address in "
        "brackets, redis://[::1]:6379");
  }
  return std::move(*place);
}

}  // namespace danwa::app
