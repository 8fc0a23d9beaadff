#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "app/danwad/settings/database_url.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "support/has.hpp"
#include "support/temporary_directory.hpp"

namespace danwa::app {
namespace {

using tests::has;
using Urls = std::vector<std::string>;

std::string refusal_by(const std::function<void()>& act) {
  try {
    act();
    return "";
  } catch (const SettingsError& error) {
    return error.what();
  }
}

Settings load_database(std::vector<std::string> overrides) {
  return load_settings({.overrides = std::move(overrides)});
}

std::string database_refusal(std::vector<std::string> overrides) {
  return refusal_by([&] { load_database(std::move(overrides)); });
}

std::string postgres_refusal(const std::string& url) {
  return refusal_by([&] { check_postgres_url(url, "database.master"); });
}

TEST(DatabaseUrl, IsOfPostgresUnderBothNames) {
  EXPECT_TRUE(is_postgres("postgres://db/danwa"));
  EXPECT_TRUE(is_postgres("postgresql://db/danwa"));
  for (const auto* other : {"", "sqlite:danwa.db", "postgres:db", "mysql://db/danwa"}) EXPECT_FALSE(is_postgres(other));
}

TEST(DatabaseUrl, OfPostgresMayBeWhateverLibpqTakes) {
  for (const auto* good :
       {"postgres://", "postgres://db/danwa", "postgresql://ann@one:5432,two:5433/danwa?sslmode=verify-full",
        "postgres://ann:p%40ss%2Fword@[::1]:5432/danwa", "postgres:///danwa?host=/run/postgresql"}) {
    EXPECT_EQ(postgres_refusal(good), "") << good;
  }
}

TEST(DatabaseUrl, RefusesWhatLibpqWouldTakeForSomethingElseWithoutRepeatingIt) {
  for (const auto* bad :
       {"postgres://ann:hunter2@x@db/danwa", "postgres://ann:hunter2/x@db/danwa", "postgres://ann:hunter2 @db/danwa",
        "postgres://ann:hunter2%@db/danwa", "postgres://ann:hunter2%2@db/danwa", "mysql://ann:hunter2@db/danwa"}) {
    const auto reason = postgres_refusal(bad);
    EXPECT_TRUE(has(reason, "database.master")) << bad;
    EXPECT_FALSE(has(reason, "hunter2")) << bad;
  }
}

TEST(DatabaseUrl, TakesAPasswordPercentEncoded) {
  EXPECT_EQ(with_password("postgres://db/danwa", ""), "postgres://db/danwa");
  EXPECT_EQ(with_password("postgres://db/danwa", "a&/"), "postgres://db/danwa?password=a%26%2F");
  EXPECT_EQ(with_password("postgres://db/danwa?sslmode=require", "\xFF"),
            "postgres://db/danwa?sslmode=require&password=%FF");
  EXPECT_EQ(with_password("postgres://db/danwa?", "a"), "postgres://db/danwa?password=a");
}

TEST(DatabaseUrl, IsShownWithoutItsPassword) {
  EXPECT_EQ(without_password("sqlite:/a:b@c.db"), "sqlite:/a:b@c.db");
  EXPECT_EQ(without_password("postgres://ann@one:1,two:2/danwa?sslmode=require"),
            "postgres://ann@one:1,two:2/danwa?sslmode=require");
  EXPECT_EQ(without_password("postgres://ann:x@one:1/danwa"), "postgres://ann:********@one:1/danwa");
  EXPECT_EQ(without_password("postgres://one/danwa?password=x&sslmode=require&sslpassword=y"),
            "postgres://one/danwa?password=********&sslmode=require&sslpassword=********");
}

TEST(DatabaseUrl, IsNeverShownWithAPasswordHoweverOddItIs) {
  for (const auto* odd :
       {"postgres://ann:hunter2@db", "postgres://ann:hunter2@x@db", "postgres://ann:hunter2/x@db",
        "postgres://ann:x?hunter2@db", "postgres://ann:x?y=hunter2@db", "postgres://db?p%61ssword=hunter2",
        "postgres://db?a=b&password=hunter2", "mysql://ann:hunter2@db", "host=db password=hunter2",
        "postgres:ann:hunter2@db", "database.master:postgres://ann:hunter2@db"}) {
    EXPECT_FALSE(has(without_password(odd), "hunter2")) << without_password(odd);
  }
}

TEST(DatabaseSettings, AreSqliteByDefault) {
  const auto database = load_database({}).database;
  EXPECT_EQ(database.master, "sqlite:danwa.db");
  EXPECT_TRUE(database.replicas.empty());
}

TEST(DatabaseSettings, KnowTwoKindsOfDatabases) {
  for (const auto* unknown : {"", "danwa.db", "sqlite:", "mysql://db/danwa", "postgres:db"}) {
    const auto reason = database_refusal({std::string{"database.master="} + unknown});
    EXPECT_TRUE(has(reason, "sqlite:PATH") && has(reason, "postgres://HOST/DATABASE")) << unknown << ": " << reason;
  }
}

TEST(DatabaseSettings, TakeTheReplicaOfAFileAsOneStringOrAList) {
  const tests::TemporaryDirectory folder;
  const auto replicas = [&](const std::string& line) {
    std::ofstream{folder.file("a.toml")} << "[database]\nreplica = " << line << "\n";
    const auto values = read_values({.file = folder.file("a.toml")});
    return std::get<std::vector<std::string>>(values.at("database.replica"));
  };
  EXPECT_EQ(replicas("'sqlite:a copy.db'"), Urls{"sqlite:a copy.db"});
  EXPECT_EQ(replicas("''"), Urls{});
  EXPECT_EQ(replicas("['postgres://one/danwa', 'postgres://two/danwa']"),
            (Urls{"postgres://one/danwa", "postgres://two/danwa"}));
  EXPECT_TRUE(has(refusal_by([&] { replicas("7"); }), "must be a list of strings"));
}

TEST(DatabaseSettings, OfSqliteAreOnePathAndNoMixture) {
  EXPECT_EQ(load_database({"database.replica=sqlite:a.db"}).database.replicas, Urls{"sqlite:a.db"});
  EXPECT_TRUE(has(database_refusal({"database.replica=sqlite:a.db sqlite:b.db"}), "one sqlite:PATH"));
  EXPECT_TRUE(has(database_refusal({"database.replica=postgres://db/danwa"}), "database.master is SQLite's"));
  EXPECT_TRUE(has(database_refusal({"database.password=x"}), "database.password"));
}

TEST(DatabaseSettings, ShowNoPassword) {
  const Urls overrides{"database.master=postgres://ann:hunter2@db/danwa", "database.password=hunter4",
                       "database.replica=postgres://ann:hunter3@one/danwa postgres://two/danwa?password=hunter3"};
  const auto text = print(read_values({.overrides = overrides}));
  for (const auto* secret : {"hunter2", "hunter3", "hunter4"}) EXPECT_FALSE(has(text, secret)) << secret;
  EXPECT_TRUE(has(text, "database.master = \"postgres://ann:********@db/danwa\"")) << text;
  EXPECT_FALSE(has(database_refusal({"database.master:postgres://ann:hunter2@db"}), "hunter2"));
}

#ifdef DANWA_POSTGRES
TEST(DatabaseSettings, OfPostgresAreUrlsThroughout) {
  const auto database = load_database({"database.master=postgres://one,two/danwa",
                                       "database.replica=postgres://two/danwa postgres://three/danwa"})
                            .database;
  EXPECT_EQ(database.replicas, (Urls{"postgres://two/danwa", "postgres://three/danwa"}));
  EXPECT_EQ(database.connections, 4);
  EXPECT_EQ(database.max_lag.count(), 1000);
  const std::string master = "database.master=postgres://db/danwa";
  EXPECT_TRUE(has(database_refusal({master, "database.replica=sqlite:a.db"}), "database.master is PostgreSQL's"));
  EXPECT_TRUE(has(database_refusal({master, "database.replica=mysql://db/danwa"}), "database.replica"));
  EXPECT_TRUE(has(database_refusal({master, "database.synchronous=normal"}), "synchronous_commit"));
  EXPECT_TRUE(has(database_refusal({master, "database.connections=0"}), "1 to 100"));
}

TEST(DatabaseSettings, SayHowLongPostgresKeepsItsLog) {
  const std::string master = "database.master=postgres://db/danwa";
  EXPECT_EQ(load_database({master}).database.retention.count(), 0);
  EXPECT_EQ(load_database({master, "log.retention=90d"}).database.retention.count(), 90);
  for (const auto* bad : {"", "90", "d", "0d", "-1d", "90h", "36501d", "1.5d", "90d ", "99999999999d", "none"}) {
    EXPECT_TRUE(has(database_refusal({master, std::string{"log.retention="} + bad}), "log.retention must be")) << bad;
  }
  EXPECT_TRUE(has(database_refusal({"log.retention=90d"}), "log.retention is for PostgreSQL"));
}

TEST(DatabaseSettings, OfPostgresLetAClusterLeaveItsHost) {
  const Urls overrides{"database.master=postgres://db/danwa", "cluster.listen=10.0.0.1:9080",
                       "cluster.seeds=10.0.0.2:9080", "cluster.advertise=10.0.0.1:9080"};
  EXPECT_EQ(database_refusal(overrides), "");
}
#else
TEST(DatabaseSettings, OfPostgresAreRefusedInABuildWithoutIt) {
  EXPECT_TRUE(has(database_refusal({"database.master=postgres://db/danwa"}), "not part of this build"));
}
#endif

}  // namespace
}  // namespace danwa::app
