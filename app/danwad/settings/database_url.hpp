#pragma once

#include <string>
#include <string_view>

#include "infra/net/addresses.hpp"

namespace danwa::app {

// What `database.master` and `database.replica` may be: `sqlite:PATH`, or a URL of PostgreSQL as libpq knows it,
// `postgres://USER@HOST:PORT,HOST:PORT/DATABASE?OPTION=VALUE`. No error repeats a URL, which may hold a password.

/// Whether it begins like a URL of PostgreSQL.
bool is_postgres(std::string_view url);

/// The path of `sqlite:PATH`. Throws SettingsError for anything else, naming `key`.
std::string sqlite_path(std::string_view url, std::string_view key);

/// Throws SettingsError, naming `key`, for what libpq would refuse or take for something else: blanks and control
/// characters, a `%` that is no escape, a password with a bare `/`, `?` or `@`.
void check_postgres_url(std::string_view url, std::string_view key);

/// The URL with `password` added, percent-encoded; as it is when that is empty.
std::string with_password(std::string_view url, std::string_view password);

/// The URL as people may see it: every password in it is `********`. Rather hides too much than too little.
std::string without_password(std::string_view url);

/// Where Redis is: `redis://HOST:PORT`. Throws SettingsError for anything else, saying what to use instead: TLS, a
/// socket's path, a user, a password or a database in the URL. Never repeats the URL, which may hold a password.
net::HostPort parse_redis_url(std::string_view url);

}  // namespace danwa::app
