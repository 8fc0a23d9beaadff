#include "app/settings/settings_rules.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "app/settings/database_url.hpp"
#include "app/settings/redis_url.hpp"
#include "app/settings/settings_reader.hpp"

namespace danwa::app {
namespace {

[[noreturn]] void refuse(std::string_view key, std::string_view reason) {
  throw SettingsError{std::string{key} + " " + std::string{reason}};
}

/// `host:port`, `[v6]:port`.
void check_address(std::string_view key, std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) refuse(key, "must be host:port, e.g. 127.0.0.1:8080");
  unsigned port = 0;
  const std::string_view digits = address.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || port > 65535) {
    refuse(key, "must end with a port, 0 to 65535");
  }
}

void check_name(const std::string& name) {
  const bool visible = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (name.empty() || name.size() > 64 || !visible) refuse("node.name", "must be 1 to 64 visible ASCII characters");
}

void check_auth(const Settings& settings) {
  if (settings.auth.mode == "development") {
    if (is_loopback(settings.http.listen)) return;
    refuse("auth.mode", "development proves nothing, so http.listen must be on loopback; use auth.mode = \"jwt\"");
  }
  if (settings.auth.jwt.key_file.empty() == settings.auth.jwt.jwks_file.empty()) {
    refuse("auth.jwt.key_file", "or auth.jwt.jwks_file must name the keys, one of the two");
  }
  if (settings.auth.jwt.algorithm == "HS256" && settings.auth.jwt.key_file.empty()) {
    refuse("auth.jwt.key_file", "must name the secret's file for HS256");
  }
}

#ifdef DANWA_GRPC
constexpr bool kGrpcBuilt = true;
#else
constexpr bool kGrpcBuilt = false;
#endif

void check_grpc(const GrpcSettings& grpc, bool development) {
  if (!kGrpcBuilt) {
    refuse("grpc.listen",
           "is not part of this build: install libgrpc++-dev, libprotobuf-dev, libprotoc-dev and "
           "protobuf-compiler-grpc, configure and build again");
  }
  check_address("grpc.listen", grpc.listen);
  if (development && !is_loopback(grpc.listen)) {
    refuse("auth.mode", "development proves nothing, so grpc.listen must be on loopback; use auth.mode = \"jwt\"");
  }
  if (!development && !grpc.guest.empty()) refuse("grpc.guest", "is for auth.mode = \"development\" alone");
}

constexpr std::string_view kOneHost =
    "is off loopback, but the database is a SQLite file: such a file is shared by nodes of one host only; nodes of "
    "several hosts share a PostgreSQL, database.master = \"postgres://HOST/DATABASE\"";

void check_one_host(const ClusterSettings& cluster) {
  if (!is_loopback(cluster.listen)) refuse("cluster.listen", kOneHost);
  if (!cluster.advertise.empty() && !is_loopback(cluster.advertise)) refuse("cluster.advertise", kOneHost);
  for (const auto& seed : cluster.seeds) {
    if (!is_loopback(seed)) refuse("cluster.seeds", kOneHost);
  }
}

void check_cluster(const ClusterSettings& cluster, bool one_host) {
  if (cluster.listen.empty()) {
    if (!cluster.seeds.empty()) refuse("cluster.listen", "is needed when there are cluster.seeds");
    return;
  }
  check_address("cluster.listen", cluster.listen);
  if (!cluster.advertise.empty()) check_address("cluster.advertise", cluster.advertise);
  for (const auto& seed : cluster.seeds) check_address("cluster.seeds", seed);
  if (one_host) check_one_host(cluster);
}

void check_tls(const TlsSettings& tls) {
  const auto given = !tls.cert_file.empty() + !tls.key_file.empty() + !tls.ca_file.empty();
  if (given != 0 && given != 3) refuse("cluster.tls", "needs all of cert_file, key_file and ca_file, or none");
}

#ifdef DANWA_REDIS
constexpr bool kRedisBuilt = true;
#else
constexpr bool kRedisBuilt = false;
#endif

void check_redis(const RedisSettings& redis) {
  if (!kRedisBuilt) {
    refuse("bus", "= \"redis\" is not part of this build: install libhiredis-dev (0.14), configure and build again");
  }
  parse_redis_url(redis.url);
  if (!redis.user.empty() && redis.password.empty())
    refuse("redis.user", "needs redis.password or redis.password_file");
}

#ifdef DANWA_POSTGRES
constexpr bool kPostgresBuilt = true;
#else
constexpr bool kPostgresBuilt = false;
#endif

void check_postgres(const DatabaseSettings& database) {
  if (!kPostgresBuilt) {
    refuse("database.master",
           "= \"postgres://...\" is not part of this build: install libpq-dev, configure and build again");
  }
  check_postgres_url(database.master, "database.master");
  for (const auto& replica : database.replicas) {
    if (replica.starts_with("sqlite:")) refuse("database.replica", "is SQLite's, but database.master is PostgreSQL's");
    check_postgres_url(replica, "database.replica");
  }
  if (database.synchronous != "full") {
    refuse("database.synchronous", "is for SQLite; with PostgreSQL its own synchronous_commit decides");
  }
}

void check_sqlite(const DatabaseSettings& database) {
  sqlite_path(database.master, "database.master");
  if (database.replicas.size() > 1) {
    refuse("database.replica", "of SQLite is one sqlite:PATH; one with blanks must stand in a settings file");
  }
  for (const auto& replica : database.replicas) {
    if (is_postgres(replica)) refuse("database.replica", "is PostgreSQL's, but database.master is SQLite's");
    sqlite_path(replica, "database.replica");
  }
  if (!database.password.empty()) refuse("database.password", "is for PostgreSQL; SQLite knows none");
  if (database.retention.count() != 0) refuse("log.retention", "is for PostgreSQL; SQLite keeps the whole log");
}

}  // namespace

void check_database(const DatabaseSettings& database) {
  if (is_postgres(database.master)) {
    check_postgres(database);
  } else {
    check_sqlite(database);
  }
}

void complete(Settings& settings) {
  if (!settings.node.name.empty()) return;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::string name{host.data()};
  settings.node.name = name.substr(0, 48) + "-" + std::to_string(::getpid());
}

void check_rules(const Settings& settings) {
  check_name(settings.node.name);
  check_address("http.listen", settings.http.listen);
  if (!settings.http.advertise.empty()) check_address("http.advertise", settings.http.advertise);
  check_database(settings.database);
  check_auth(settings);
  if (!settings.grpc.listen.empty()) check_grpc(settings.grpc, settings.auth.mode == "development");
  check_tls(settings.cluster.tls);
  check_cluster(settings.cluster, !is_postgres(settings.database.master));
  if (settings.bus == "redis") check_redis(settings.redis);
}

bool is_loopback(std::string_view address) {
  const auto bracket = address.rfind(']');
  const auto colon = address.rfind(':');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const std::string_view host = has_port ? address.substr(0, colon) : address;
  const bool v4 = host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
                  host.find_first_not_of("0123456789.") == std::string_view::npos;
  return v4 || host == "[::1]" || host == "localhost";
}

}  // namespace danwa::app
