#include "app/danwad/settings/known_keys.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "adapters/protocol/http/authority.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "domain/comment/comment.hpp"
#include "domain/core/text.hpp"

// The one table of all settings: default, meaning, type, bounds, and the member of Settings that a key fills. The file,
// the environment, `--set`, `config print` and the help all read this table, so a new setting is one entry. A default
// is a text and passes the same parser as `--set`, so it cannot break the rules of its own key. For an unknown name the
// nearest known one is found by edit distance, because most unknown names are misspelt.

namespace danwa::app {
namespace {

const Value any_text = std::string{};
const Value any_integer = std::int64_t{0};
const Value any_boolean = false;
const Value any_list = std::vector<std::string>{};

const std::string& text(const Value& value) { return std::get<std::string>(value); }
std::int64_t integer(const Value& value) { return std::get<std::int64_t>(value); }
std::chrono::milliseconds duration(const Value& value) { return std::chrono::milliseconds{integer(value)}; }
const std::vector<std::string>& list(const Value& value) { return std::get<std::vector<std::string>>(value); }

constexpr std::int64_t kMinute = 60'000;  // ms

/// Nothing in danwa bounds the number of io threads. This finds a mistyped value, before so many threads take the
/// memory of the machine, and is more than the cores of any machine.
constexpr std::int64_t kMostThreads = 4'096;

/// Parses `all` (0) or a number of days. Throws SettingsError.
std::chrono::days parse_retention(std::string_view value) {
  constexpr int kMost = 36'500;
  if (value == "all") return std::chrono::days{0};
  const auto days = value.ends_with('d') ? domain::parse_number<int>(value.substr(0, value.size() - 1)) : std::nullopt;
  if (!days || *days < 1 || *days > kMost) refuse("log.retention", "must be all, or 1d to 36500d");
  return std::chrono::days{*days};
}

bool has_wildcard(const std::string& entry) { return entry.find('*') != std::string::npos; }

/// Refuses an entry that can match nothing, because such a mistake is hard to find at run time.
std::vector<std::string> origins(const Value& value) {
  auto entries = list(value);
  for (const auto& entry : entries) {
    if (entry == "null" || (!has_wildcard(entry) && adapters::http::parse_origin(entry))) continue;
    throw SettingsError{"http.allowed_origins: \"" + entry +
                        "\" is no origin; write scheme://host or scheme://host:port"};
  }
  return entries;
}

std::vector<std::string> hosts(const Value& value) {
  auto entries = list(value);
  for (const auto& entry : entries) {
    if (!has_wildcard(entry) && adapters::http::is_valid_authority(entry)) continue;
    throw SettingsError{"http.allowed_hosts: \"" + entry + "\" is no host; write host or host:port"};
  }
  return entries;
}

// clang-format off
const std::array all_keys{
  KnownKey{"node.name", "", "Name of this node, unique in the cluster. If empty: the host's name and the process id",
           any_text, [](Settings& s, const Value& v) { s.node.name = text(v); }},
  KnownKey{"http.listen", "127.0.0.1:8080", "Address for clients, host:port. A name means all its addresses; port 0 means any free port",
           any_text, [](Settings& s, const Value& v) { s.http.listen = text(v); }},
  KnownKey{"http.advertise", "", "Address under which clients reach this node, host:port. If empty: the bound address",
           any_text, [](Settings& s, const Value& v) { s.http.advertise = text(v); }},
  KnownKey{"http.max_connections", "100000", "Most open connections. Further ones are answered with 503",
           any_integer, [](Settings& s, const Value& v) { s.http.max_connections = integer(v); }, {}, 1, 10'000'000},
  KnownKey{"http.threads", "0", "Threads that serve the connections of HTTP and gRPC. 0: one per core",
           any_integer, [](Settings& s, const Value& v) { s.http.threads = integer(v); }, {}, 0, kMostThreads},
  KnownKey{"http.keep_alive_ms", "75000", "An idle connection is closed after this time. Set it longer than the time-out of a proxy in front",
           any_integer, [](Settings& s, const Value& v) { s.http.keep_alive = duration(v); }, {}, 1'000, 60 * kMinute},
  KnownKey{"http.allowed_origins", "", "Other origins whose pages may use this node, for example https://example.com",
           any_list, [](Settings& s, const Value& v) { s.http.allowed_origins = origins(v); }},
  KnownKey{"http.allowed_hosts", "", "Accepted values of the Host header. If empty: all (in development mode: loopback names)",
           any_list, [](Settings& s, const Value& v) { s.http.allowed_hosts = hosts(v); }},
  KnownKey{"http.drain_window_ms", "5000", "After SIGTERM, SIGINT or SIGQUIT the live connections are closed one by one within this time",
           any_integer, [](Settings& s, const Value& v) { s.http.drain_window = duration(v); }, {}, 0, 10 * kMinute},
  KnownKey{"grpc.listen", "", "Address for gRPC clients, host:port. If empty: there is no gRPC endpoint",
           any_text, [](Settings& s, const Value& v) { s.grpc.listen = text(v); }},
  KnownKey{"grpc.max_streams", "10000", "Most open gRPC streams. Further ones end with RESOURCE_EXHAUSTED",
           any_integer, [](Settings& s, const Value& v) { s.grpc.max_streams = integer(v); }, {}, 1, 10'000'000},
  KnownKey{"grpc.guest", "", "Development mode: the user of gRPC clients without a token. If empty: they can only watch",
           any_text, [](Settings& s, const Value& v) { s.grpc.guest = text(v); }},
  KnownKey{"cluster.listen", "", "Address for the other nodes, host:port. If empty: this node has no peers",
           any_text, [](Settings& s, const Value& v) { s.cluster.listen = text(v); }},
  KnownKey{"cluster.advertise", "", "Address under which other nodes reach this one, host:port. If empty: the bound address",
           any_text, [](Settings& s, const Value& v) { s.cluster.advertise = text(v); }},
  KnownKey{"cluster.seeds", "", "Addresses of some other nodes, host:port. They name the rest; one DNS name may stand for all nodes",
           any_list, [](Settings& s, const Value& v) { s.cluster.seeds = list(v); }},
  KnownKey{"cluster.secret", "", "Secret that the nodes of the cluster share. Required unless all addresses are loopback",
           any_text, [](Settings& s, const Value& v) { s.cluster.secret = text(v); }, {}, 0, 0, true},
  KnownKey{"cluster.plain_network", "false", "Allows links between hosts without TLS: the network between the nodes is trusted",
           any_boolean, [](Settings& s, const Value& v) { s.cluster.plain_network = std::get<bool>(v); }},
  KnownKey{"cluster.tls.cert_file", "", "PEM certificate of this node. Together with key_file and ca_file: mutual TLS between the nodes",
           any_text, [](Settings& s, const Value& v) { s.cluster.tls.cert_file = text(v); }},
  KnownKey{"cluster.tls.key_file", "", "PEM private key of this node",
           any_text, [](Settings& s, const Value& v) { s.cluster.tls.key_file = text(v); }},
  KnownKey{"cluster.tls.ca_file", "", "PEM certificate of the authority that signed the certificates of all nodes",
           any_text, [](Settings& s, const Value& v) { s.cluster.tls.ca_file = text(v); }},
  KnownKey{"database.master", "sqlite:danwa.db", "Database that takes all writes: sqlite:PATH for nodes of one host, or postgres://HOST/DATABASE",
           any_text, [](Settings& s, const Value& v) { s.database.master = text(v); }, {}, 0, 0, false, true},
  KnownKey{"database.replica", "", "Databases for reads that may be slightly old: sqlite:PATH, or URLs of standbys. If empty: the master",
           any_list, [](Settings& s, const Value& v) { s.database.replicas = list(v); }, {}, 0, 0, false, true},
  KnownKey{"database.password", "", "PostgreSQL: password for URLs that contain none",
           any_text, [](Settings& s, const Value& v) { s.database.password = text(v); }, {}, 0, 0, true},
  KnownKey{"database.connections", "4", "PostgreSQL: connections for reads, per server",
           any_integer, [](Settings& s, const Value& v) { s.database.connections = integer(v); }, {}, 1, 100},
  KnownKey{"database.max_lag_ms", "1000", "A replica that is further behind serves no reads until it has caught up",
           any_integer, [](Settings& s, const Value& v) { s.database.max_lag = duration(v); }, {}, 10, 10 * kMinute},
  KnownKey{"database.synchronous", "full", "SQLite: full keeps acknowledged comments through a power cut; normal may lose some",
           any_text, [](Settings& s, const Value& v) { s.database.synchronous = text(v); }, {"full", "normal"}},
  KnownKey{"auth.mode", "development", "development: the bearer token is the name of the user, for callers on loopback only. jwt: signed tokens",
           any_text, [](Settings& s, const Value& v) { s.auth.mode = text(v); }, {"development", "jwt"}},
  KnownKey{"auth.jwt.algorithm", "HS256", "The only accepted algorithm",
           any_text, [](Settings& s, const Value& v) { s.auth.jwt.algorithm = text(v); }, {"HS256", "RS256", "ES256"}},
  KnownKey{"auth.jwt.key_file", "", "HS256: file with the secret, at least 32 bytes. RS256, ES256: file with a PEM public key",
           any_text, [](Settings& s, const Value& v) { s.auth.jwt.key_file = text(v); }},
  KnownKey{"auth.jwt.jwks_file", "", "File with a JSON Web Key Set, instead of key_file",
           any_text, [](Settings& s, const Value& v) { s.auth.jwt.jwks_file = text(v); }},
  KnownKey{"auth.jwt.audience", "", "Required `aud`. If empty: tokens with `aud` are rejected",
           any_text, [](Settings& s, const Value& v) { s.auth.jwt.audience = text(v); }},
  KnownKey{"auth.jwt.issuer", "", "Required `iss`. If empty: `iss` is not checked",
           any_text, [](Settings& s, const Value& v) { s.auth.jwt.issuer = text(v); }},
  KnownKey{"auth.jwt.leeway_seconds", "0", "Tolerance for `exp` and `nbf`, because clocks differ",
           any_integer, [](Settings& s, const Value& v) { s.auth.jwt.leeway_seconds = integer(v); }, {}, 0, 300},
  KnownKey{"auth.jwt.max_lifetime", "0", "Longest life of a token in seconds, from `iat` to `exp`; without `iat`, from now. 0: only `exp` counts",
           any_integer, [](Settings& s, const Value& v) { s.auth.jwt.max_lifetime = std::chrono::seconds{integer(v)}; }, {}, 0, 3'153'600'000},
  KnownKey{"bus", "caf", "How nodes tell each other about updates. caf: links between nodes. redis: Redis Pub/Sub. none: nodes only poll the log",
           any_text, [](Settings& s, const Value& v) { s.bus = text(v); }, {"caf", "redis", "none"}},
  KnownKey{"redis.url", "redis://127.0.0.1:6379", "For bus = redis: redis://HOST:PORT of a Redis that only this cluster uses",
           any_text, [](Settings& s, const Value& v) { s.redis.url = text(v); }},
  KnownKey{"redis.user", "", "User in the ACL of Redis. If empty: the default user",
           any_text, [](Settings& s, const Value& v) { s.redis.user = text(v); }},
  KnownKey{"redis.password", "", "Password of that user. If empty: Redis needs none",
           any_text, [](Settings& s, const Value& v) { s.redis.password = text(v); }, {}, 0, 0, true},
  KnownKey{"redis.command_timeout_ms", "1000", "Longest wait for an answer of Redis. After it the connection is closed and made anew",
           any_integer, [](Settings& s, const Value& v) { s.redis.command_timeout = duration(v); }, {}, 50, kMinute},
  KnownKey{"log.level", "info", "Lowest level that is written",
           any_text, [](Settings& s, const Value& v) { s.log.level = text(v); }, {"debug", "info", "warn", "error"}},
  KnownKey{"log.format", "auto", "auto: text on a terminal, otherwise one JSON object per line",
           any_text, [](Settings& s, const Value& v) { s.log.format = text(v); }, {"auto", "json", "text"}},
  KnownKey{"log.retention", "all", "PostgreSQL: how long updates are kept, deleted by whole months: all, or a number of days such as 90d",
           any_text, [](Settings& s, const Value& v) { s.database.retention = parse_retention(text(v)); }},
  KnownKey{"limits.content_max", "4000", "Longest comment, in Unicode code points",
           any_integer, [](Settings& s, const Value& v) { s.limits.content_max = integer(v); }, {}, 1,
           std::int64_t{domain::CommentContent::kMost}},
  KnownKey{"websocket.ping_interval_ms", "20000", "Time between two pings to a watcher",
           any_integer, [](Settings& s, const Value& v) { s.streams.ping_interval = duration(v); }, {}, 100, 60 * kMinute},
  KnownKey{"websocket.pong_timeout_ms", "60000", "A watcher that sends nothing for this time after a ping is closed with 4408",
           any_integer, [](Settings& s, const Value& v) { s.streams.pong_timeout = duration(v); }, {}, 100, 60 * kMinute},
  KnownKey{"websocket.send_buffer", "65536", "Kernel send buffer per watcher, in bytes. 0: the system decides",
           any_integer, [](Settings& s, const Value& v) { s.streams.send_buffer = integer(v); }, {}, 0, 16'777'216},
};
// clang-format on

/// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const KnownKey> known_keys() { return all_keys; }

const KnownKey* find_key(std::string_view name) {
  const auto found =
      std::find_if(all_keys.begin(), all_keys.end(), [name](const KnownKey& key) { return key.name == name; });
  return found == all_keys.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view name) {
  const auto nearest = std::min_element(all_keys.begin(), all_keys.end(), [name](const KnownKey& a, const KnownKey& b) {
    return distance(a.name, name) < distance(b.name, name);
  });
  return distance(nearest->name, name) <= std::max<std::size_t>(3, name.size() / 3) ? nearest->name
                                                                                    : std::string_view{};
}

std::string environment_name(std::string_view key) {
  std::string name = "DANWA_";
  for (const char c : key) {
    const bool lower = c >= 'a' && c <= 'z';
    name.push_back(c == '.' ? '_' : lower ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

}  // namespace danwa::app
