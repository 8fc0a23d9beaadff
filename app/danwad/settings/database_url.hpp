#pragma once

#include <string>
#include <string_view>

#include "infra/net/addresses.hpp"

namespace danwa::app {

// The values of `database.master` and `database.replica`: `sqlite:PATH`, or a PostgreSQL URL of libpq,
// `postgres://USER@HOST:PORT,HOST:PORT/DATABASE?OPTION=VALUE`. No error repeats a URL, because it may hold a password.

/// True if `url` begins like a PostgreSQL URL.
bool is_postgres(std::string_view url);

/// The path of `sqlite:PATH`. Throws SettingsError, which names `key`, for any other text.
std::string sqlite_path(std::string_view url, std::string_view key);

/// Throws SettingsError, which names `key`, for a text that libpq would reject or misunderstand: blanks and control
/// characters, a `%` that begins no escape, a password with a bare `/`, `?` or `@`.
void check_postgres_url(std::string_view url, std::string_view key);

/// The URL with `password` added, percent-encoded; unchanged if `password` is empty.
std::string with_password(std::string_view url, std::string_view password);

/// The URL for people: every password is `********`. In doubt it hides more.
std::string without_password(std::string_view url);

/// Parses `redis://HOST:PORT`. Throws SettingsError for any other text, and names the alternative for TLS, the path of
/// a socket, a user, a password or a database in the URL. Never repeats the URL, because it may hold a password.
net::HostPort parse_redis_url(std::string_view url);

}  // namespace danwa::app
