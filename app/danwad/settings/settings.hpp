#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace danwa::app {

struct NodeSettings {
  std::string name;
};

struct HttpSettings {
  std::string listen;
  std::string advertise;  ///< empty: the bound address
  std::int64_t max_connections = 0;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> allowed_hosts;
  std::chrono::milliseconds keep_alive{0};
  std::chrono::milliseconds drain_window{0};
  std::int64_t threads = 0;
};

struct GrpcSettings {
  std::string listen;  ///< empty: this node has no gRPC endpoint
  std::int64_t max_streams = 0;
  std::string guest;  ///< the user of callers without a token; empty: anonymous
};

struct TlsSettings {
  std::string cert_file;
  std::string key_file;
  std::string ca_file;
};

struct ClusterSettings {
  std::string listen;  ///< empty: this node has no peers
  std::string advertise;
  std::vector<std::string> seeds;
  std::string secret;
  bool plain_network = false;
  TlsSettings tls;
};

struct DatabaseSettings {
  std::string master;                 ///< `sqlite:PATH` or `postgres://...`
  std::vector<std::string> replicas;  ///< of the same kind; empty: the master
  std::string password;               ///< for the URLs of PostgreSQL; empty: they hold it, or none is needed
  std::string synchronous;            ///< of SQLite
  std::int64_t connections = 0;       ///< of PostgreSQL, for reads, per server
  std::chrono::milliseconds max_lag{0};
  std::chrono::days retention{0};  ///< of updates, in PostgreSQL; 0: they are kept
};

struct JwtSettings {
  std::string algorithm;
  std::string key_file;
  std::string jwks_file;
  std::string audience;
  std::string issuer;
  std::int64_t leeway_seconds = 0;
  std::chrono::seconds max_lifetime{0};  ///< of tokens, from `iat`; 0: no bound
};

struct AuthSettings {
  std::string mode;  ///< `development` or `jwt`
  JwtSettings jwt;
};

struct RedisSettings {
  std::string url;  ///< `redis://HOST:PORT`
  std::string user;
  std::string password;
  std::chrono::milliseconds command_timeout{0};
};

struct LogSettings {
  std::string level;
  std::string format;
};

struct LimitSettings {
  std::int64_t content_max = 0;  ///< code points
};

struct StreamSettings {
  std::chrono::milliseconds ping_interval{0};
  std::chrono::milliseconds pong_timeout{0};
  std::int64_t send_buffer = 0;  ///< bytes
};

/// All settings of a node. known_keys.cpp has the meaning and the default of each.
struct Settings {
  NodeSettings node;
  HttpSettings http;
  GrpcSettings grpc;
  ClusterSettings cluster;
  DatabaseSettings database;
  AuthSettings auth;
  std::string bus;  ///< `caf`, `redis` or `none`
  RedisSettings redis;
  LogSettings log;
  LimitSettings limits;
  StreamSettings streams;
  /// Files of keys, secrets and passwords. Includes the settings file if it holds a secret.
  std::vector<std::string> private_files;
};

}  // namespace danwa::app
