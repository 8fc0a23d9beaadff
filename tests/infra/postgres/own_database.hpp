#pragma once

#include <atomic>
#include <string>

#include "infra/postgres/migrations.hpp"
#include "infra/postgres/postgres_server.hpp"

namespace danwa::tests {

/// The primary that all tests of a program share.
inline PostgresServer& shared_primary() {
  static PostgresServer server;
  return server;
}

/// A database of one test, on the shared primary; with the newest schema unless it is to be empty.
class OwnDatabase {
 public:
  explicit OwnDatabase(PostgresServer& server = shared_primary(), bool empty = false)
      : server_{server}, name_{"test_" + std::to_string(next())} {
    Sql{server_.url()}.ask("CREATE DATABASE " + name_ + " TEMPLATE " + (empty ? "template0" : model()));
    if (!empty) ask("UPDATE meta SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'epoch'");
  }
  ~OwnDatabase() {
    try {
      Sql{server_.url()}.ask("DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const std::runtime_error&) {  // the server may be gone with the test
    }
  }
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;

  const std::string& name() const { return name_; }
  std::string url() const { return server_.url(name_); }
  std::string ask(const std::string& sql) const { return Sql{url()}.ask(sql); }

 private:
  static int next() {
    static std::atomic<int> number{0};
    return ++number;
  }
  std::string model() const {
    Sql admin{server_.url()};
    if (admin.ask("SELECT 1 FROM pg_database WHERE datname = 'model'").empty()) {
      admin.ask("CREATE DATABASE model TEMPLATE template0");
      postgres::migrate_postgres(server_.url("model"));
    }
    return "model";
  }

  PostgresServer& server_;
  const std::string name_;
};

}  // namespace danwa::tests
