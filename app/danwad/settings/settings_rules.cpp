#include "app/danwad/settings/settings_rules.hpp"

#include <unistd.h>
#include <algorithm>
#include <array>
#include <fstream>

#include "app/danwad/settings/database_url.hpp"
#include "infra/net/addresses.hpp"

// Rules on settings, alone and together, checked after all sources were read. Most of them stop a node that would start
// and be unsafe: development mode off loopback, a SQLite file for nodes of several hosts, half of a TLS configuration.
// A rule over several keys is skipped if one of them is wrong already, since its message would mislead. A setting of a
// part that is not in this build is refused with the name of the missing package.

namespace danwa::app {
namespace {

/// The name of a key, with the number of the element if its list has several.
std::string element_name(std::string_view key, const std::vector<std::string>& list, std::size_t i) {
  return std::string{key} + (list.size() > 1 ? ", element " + std::to_string(i + 1) : std::string{});
}

net::HostPort parse_address(std::string_view key, std::string_view address) {
  const auto place = net::parse_host_port(address);
  if (!place) refuse(key, "must be host:port, e.g. 127.0.0.1:8080; " + place.error());
  return *place;
}

/// Checks an address to which others connect.
void check_reachable(std::string_view key, std::string_view address) {
  const auto place = parse_address(key, address);
  if (place.host.empty()) refuse(key, "must name a host; \"" + std::string{address} + "\" does not");
  if (place.port == 0) refuse(key, "must name a port; \"" + std::string{address} + "\" has 0, where nobody listens");
}

/// Throws with `reason` if the address is not on loopback, or with the fault of the address.
void check_loopback(std::string_view key, std::string_view address, const std::string& reason) {
  const auto local = net::is_all_loopback(address);
  if (!local) refuse(key, local.error());
  if (!*local) throw SettingsError{reason};
}

void check_name(const std::string& name) {
  const bool visible = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (name.empty() || name.size() > 64 || !visible) refuse("node.name", "must be 1 to 64 visible ASCII characters");
}

void check_keys(const AuthSettings& auth) {
  if (auth.mode == "development") return;
  if (auth.jwt.key_file.empty() == auth.jwt.jwks_file.empty()) {
    refuse("auth.jwt.key_file", "or auth.jwt.jwks_file must name the keys, one of the two");
  }
  if (auth.jwt.algorithm == "HS256" && auth.jwt.key_file.empty()) {
    refuse("auth.jwt.key_file", "must name the secret's file for HS256");
  }
}

void check_development(const AuthSettings& auth, const std::string& key, const std::string& address) {
  if (auth.mode != "development" || address.empty()) return;
  check_loopback(key, address,
                 "auth.mode development proves nothing, so " + key + " must be on loopback; use auth.mode = \"jwt\"");
}

#ifdef DANWA_GRPC
constexpr bool kGrpcBuilt = true;
#else
constexpr bool kGrpcBuilt = false;
#endif

void check_grpc(const GrpcSettings& grpc) {
  if (!kGrpcBuilt) {
    refuse("grpc.listen",
           "is not part of this build: install libgrpc++-dev, libprotobuf-dev, libprotoc-dev and "
           "protobuf-compiler-grpc, configure and build again");
  }
  parse_address("grpc.listen", grpc.listen);
}

void check_guest(const GrpcSettings& grpc, const AuthSettings& auth) {
  if (grpc.listen.empty() || auth.mode == "development" || grpc.guest.empty()) return;
  refuse("grpc.guest", "is for auth.mode = \"development\" alone");
}

constexpr std::string_view kOneHost =
    " is off loopback, but the database is a SQLite file: such a file is shared by nodes of one host only; nodes of "
    "several hosts share a PostgreSQL, database.master = \"postgres://HOST/DATABASE\"";

void check_one_host(const std::string& key, const std::string& address) {
  check_loopback(key, address, key + " \"" + address + "\"" + std::string{kOneHost});
}

void check_seeds(const ClusterSettings& cluster, bool one_host, Faults& faults) {
  for (std::size_t i = 0; i < cluster.seeds.size(); ++i) {
    const auto key = element_name("cluster.seeds", cluster.seeds, i);
    faults.check({key}, [&] { check_reachable(key, cluster.seeds[i]); });
    if (one_host) faults.check({key}, [&] { check_one_host(key, cluster.seeds[i]); });
  }
}

void check_cluster(const Settings& settings, Faults& faults) {
  const ClusterSettings& cluster = settings.cluster;
  if (cluster.listen.empty()) {
    faults.check({"cluster.listen", "cluster.seeds"}, [&] {
      if (!cluster.seeds.empty()) refuse("cluster.listen", "is needed when there are cluster.seeds");
    });
    return;
  }
  const bool one_host = !is_postgres(settings.database.master);
  faults.check({"cluster.listen"}, [&] { parse_address("cluster.listen", cluster.listen); });
  if (one_host) faults.check({"cluster.listen"}, [&] { check_one_host("cluster.listen", cluster.listen); });
  if (!cluster.advertise.empty()) {
    faults.check({"cluster.advertise"}, [&] { check_reachable("cluster.advertise", cluster.advertise); });
    if (one_host) faults.check({"cluster.advertise"}, [&] { check_one_host("cluster.advertise", cluster.advertise); });
  }
  check_seeds(cluster, one_host, faults);
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

void check_rules(const Settings& settings, Faults& faults) {
  const auto& http = settings.http;
  const auto& grpc = settings.grpc;
  const auto& auth = settings.auth;
  faults.check({"node.name"}, [&] { check_name(settings.node.name); });
  faults.check({"http.listen"}, [&] { parse_address("http.listen", http.listen); });
  if (!http.advertise.empty()) {
    faults.check({"http.advertise"}, [&] { check_reachable("http.advertise", http.advertise); });
  }
  faults.check({"database.master", "database.replica"}, [&] { check_database(settings.database); });
  faults.check({"auth.mode", "auth.jwt.algorithm"}, [&] { check_keys(auth); });
  faults.check({"auth.mode", "http.listen"}, [&] { check_development(auth, "http.listen", http.listen); });
  if (!grpc.listen.empty()) faults.check({"grpc.listen"}, [&] { check_grpc(grpc); });
  faults.check({"auth.mode", "grpc.listen"}, [&] { check_development(auth, "grpc.listen", grpc.listen); });
  faults.check({"auth.mode", "grpc.guest"}, [&] { check_guest(grpc, auth); });
  faults.check({"cluster.tls"}, [&] { check_tls(settings.cluster.tls); });
  check_cluster(settings, faults);
  faults.check({"bus", "redis.url"}, [&] {
    if (settings.bus == "redis") check_redis(settings.redis);
  });
}

void check_files(const Settings& settings, Faults& faults) {
  const auto check = [&faults](std::string_view key, const std::string& path) {
    if (path.empty()) return;
    faults.check({key}, [&] {
      std::ifstream file{path};
      if (file.peek() == std::ifstream::traits_type::eof())
        refuse(key, "names " + path + ", which is empty or cannot be read");
    });
  };
  if (settings.auth.mode == "jwt") {
    check("auth.jwt.key_file", settings.auth.jwt.key_file);
    check("auth.jwt.jwks_file", settings.auth.jwt.jwks_file);
  }
  check("cluster.tls.cert_file", settings.cluster.tls.cert_file);
  check("cluster.tls.key_file", settings.cluster.tls.key_file);
  check("cluster.tls.ca_file", settings.cluster.tls.ca_file);
}

}  // namespace danwa::app
