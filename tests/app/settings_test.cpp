#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/danwad/settings/settings_reader.hpp"
#include "app/danwad/settings/settings_rules.hpp"
#include "support/has.hpp"
#include "support/own_network.hpp"

namespace danwa::app {
namespace {

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "danwa-settings-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_ / name} << text;
    return (folder_ / name).string();
  }

  static Settings load(const SettingsSources& sources) { return load_settings(sources); }

  static std::string refusal(const SettingsSources& sources) {
    try {
      load(sources);
      return "";
    } catch (const SettingsError& error) {
      return error.what();
    }
  }

  std::filesystem::path folder_;
};

using tests::has;

TEST_F(SettingsTest, DefaultsMakeANodeOnLoopback) {
  const Settings settings = load({});
  EXPECT_EQ(settings.http.listen, "127.0.0.1:8080");
  EXPECT_EQ(settings.auth.mode, "development");
  EXPECT_FALSE(settings.node.name.empty());
}

TEST_F(SettingsTest, LaterSourcesWin) {
  const auto file =
      write("a.toml", "[http]\nlisten = '127.0.0.1:1'\nadvertise = '127.0.0.1:11'\nmax_connections = 7\n");
  const Settings settings =
      load({.file = file,
            .environment = {{"DANWA_HTTP_LISTEN", "127.0.0.1:2"}, {"DANWA_HTTP_ADVERTISE", "127.0.0.1:22"}},
            .overrides = {"http.listen=127.0.0.1:3"}});
  EXPECT_EQ(settings.http.listen, "127.0.0.1:3");
  EXPECT_EQ(settings.http.advertise, "127.0.0.1:22");
  EXPECT_EQ(settings.http.max_connections, 7);
}

TEST_F(SettingsTest, AnEmptyVariableIsUnset) {
  EXPECT_EQ(load({.environment = {{"DANWA_HTTP_LISTEN", ""}}}).http.listen, "127.0.0.1:8080");
}

TEST_F(SettingsTest, ListsAreSplitAtSpaces) {
  const Settings settings =
      load({.overrides = {"cluster.listen=127.0.0.1:0", "cluster.seeds=127.0.0.1:1  127.0.0.1:2"}});
  EXPECT_EQ(settings.cluster.seeds, (std::vector<std::string>{"127.0.0.1:1", "127.0.0.1:2"}));
  EXPECT_TRUE(load({.overrides = {"cluster.seeds="}}).cluster.seeds.empty());
}

TEST_F(SettingsTest, ListsTakeCommasAndBlanksWhereverTheyAreWritten) {
  const std::vector<std::string> both{"127.0.0.1:1", "127.0.0.1:2"};
  for (const std::string list :
       {"127.0.0.1:1,127.0.0.1:2", "127.0.0.1:1, 127.0.0.1:2", " 127.0.0.1:1 ,\t127.0.0.1:2, "}) {
    const std::string listen = "cluster.listen=127.0.0.1:0";
    EXPECT_EQ(load({.overrides = {listen, "cluster.seeds=" + list}}).cluster.seeds, both) << list;
    EXPECT_EQ(load({.environment = {{"DANWA_CLUSTER_SEEDS", list}}, .overrides = {listen}}).cluster.seeds, both)
        << list;
    for (const std::string& value : {"\"" + list + "\"", "[\"" + list + "\"]"}) {
      const auto file = write("a.toml", "[cluster]\nseeds = " + value + "\n");
      EXPECT_EQ(load({.file = file, .overrides = {listen}}).cluster.seeds, both) << value;
    }
  }
}

TEST_F(SettingsTest, AListOfDatabasesIsSplitOnlyBetweenUrls) {
  const Values values = read_values(
      {.overrides = {"database.replica=postgres://a,b/danwa,postgresql://c:1,d/danwa, postgres://e/danwa"}});
  EXPECT_EQ(std::get<std::vector<std::string>>(values.at("database.replica")),
            (std::vector<std::string>{"postgres://a,b/danwa", "postgresql://c:1,d/danwa", "postgres://e/danwa"}));
  const auto file = write("a.toml", "[database]\nreplica = 'sqlite:/a b,c.db'\n");
  EXPECT_EQ(std::get<std::vector<std::string>>(read_values({.file = file}).at("database.replica")),
            std::vector<std::string>{"sqlite:/a b,c.db"});
}

TEST_F(SettingsTest, AWrongAddressIsToldAsWhatItIs) {
  struct Case {
    std::vector<std::string> settings;
    const char* line;
  };
  const Case cases[] = {
      {{"http.listen=localhost"}, "http.listen must be host:port, e.g. 127.0.0.1:8080; \"localhost\" has no port"},
      {{"http.listen=127.0.0.1:99999"}, "\"127.0.0.1:99999\" must end with a port, 0 to 65535"},
      {{"http.listen=http://127.0.0.1:8080"}, "is a URL"},
      {{"http.advertise=:80"}, "http.advertise must name a host"},
      {{"http.advertise=a:0"}, "http.advertise must name a port"},
      {{"cluster.seeds=127.0.0.1:1 127.0.0.1"},
       "cluster.seeds, element 2 must be host:port, e.g. 127.0.0.1:8080; "
       "\"127.0.0.1\" has no port"},
      {{"cluster.seeds=127.0.0.1:1;127.0.0.1:2"}, "is more than one host:port"},
      {{"cluster.seeds=127.0.0.1:1 10.0.0.1:2"}, "cluster.seeds, element 2 \"10.0.0.1:2\" is off loopback"},
      {{"cluster.seeds=no.such.host.invalid:1"}, "cluster.seeds \"no.such.host.invalid:1\" cannot be resolved"},
  };
  for (const auto& one : cases) {
    auto settings = one.settings;
    settings.emplace_back("cluster.listen=127.0.0.1:0");
    const auto line = refusal({.overrides = settings});
    EXPECT_TRUE(has(line, one.line)) << line;
  }
}

TEST_F(SettingsTest, DevelopmentModeLooksAtEveryAddressOfAName) {
  EXPECT_TRUE(tests::on_own_host({.hosts = "127.0.0.1 local mixed\n127.0.1.1 local\n192.0.2.1 mixed\n"}, [] {
    EXPECT_EQ(refusal({.overrides = {"http.listen=local:80"}}), "");
    for (const char* key : {"http.listen", "grpc.listen"}) {
      EXPECT_TRUE(has(refusal({.overrides = {std::string{key} + "=mixed:80"}}), "must be on loopback")) << key;
      EXPECT_TRUE(has(refusal({.overrides = {std::string{key} + "=unknown:80"}}), "cannot be resolved")) << key;
    }
  }));
}

TEST_F(SettingsTest, UnknownKeysAreErrorsWithTheNearestName) {
  EXPECT_EQ(refusal({.overrides = {"http.lisen=x"}}), "--set: unknown setting http.lisen; did you mean http.listen?");
  const auto file = write("a.toml", "\n[http]\nmax_conections = 1\n");
  const std::string line = refusal({.file = file});
  EXPECT_TRUE(has(line, "a.toml line 3: unknown setting http.max_conections; did you mean http.max_connections?"))
      << line;
  const std::string variable = refusal({.environment = {{"DANWA_HTTP_LISTENS", "x"}}});
  EXPECT_TRUE(has(variable, "DANWA_HTTP_LISTENS") && has(variable, "did you mean DANWA_HTTP_LISTEN?")) << variable;
}

TEST_F(SettingsTest, FailpointsAndForeignVariablesAreLeftAlone) {
  EXPECT_EQ(refusal({.environment = {{"DANWA_FAILPOINT", "before-commit"}, {"DANWALL", "x"}, {"HOME", "/"}}}), "");
  EXPECT_EQ(refusal({.environment = {{"DANWA_NODES", "x"}, {"DANWA_TOKEN", "x"}, {"DANWA_TEST_LONG", "0"}}}), "");
  EXPECT_EQ(refusal({.environment = {{"DANWA_NODE", "x"}, {"DANWA_GRPC_NODES", "x"}, {"DANWA_POSITION_FILE", "x"}}}),
            "");
}

TEST_F(SettingsTest, VariablesOfServiceLinksAreNoSettings) {
  const std::pair<const char*, const char*> links[] = {
      {"DANWA_SERVICE_HOST", "10.96.0.12"},
      {"DANWA_SERVICE_PORT", "8080"},
      {"DANWA_SERVICE_PORT_HTTP", "8080"},
      {"DANWA_SERVICE_PORT_GRPC_WEB", "8081"},
      {"DANWA_PORT", "tcp://10.96.0.12:8080"},
      {"DANWA_PORT", "udp://10.96.0.12:8080"},
      {"DANWA_PORT_8080_TCP", "tcp://10.96.0.12:8080"},
      {"DANWA_PORT_8080_TCP_PROTO", "tcp"},
      {"DANWA_PORT_8080_TCP_PORT", "8080"},
      {"DANWA_PORT_8080_TCP_ADDR", "10.96.0.12"},
      {"DANWA_PORT_53_UDP_ADDR", "10.96.0.12"},
      {"DANWA_PORT_9_SCTP", "sctp://10.96.0.12:9"},
      {"DANWA_NODE_SERVICE_HOST", "10.96.0.13"},
      {"DANWA_HTTP_SERVICE_PORT_HTTP", "80"},
      {"DANWA_HTTP_PORT", "tcp://10.96.0.14:80"},
      {"DANWA_REDIS_PORT", "tcp://10.96.0.15:6379"},
      {"DANWA_REDIS_PORT_6379_TCP_ADDR", "10.96.0.15"},
      {"DANWA_DATABASE_MASTER_SERVICE_HOST", "10.96.0.16"},
      {"DANWA_CLUSTER_LISTEN_PORT", "tcp://10.96.0.17:9080"},
      {"DANWA_NAME", "/web/danwa"},
      {"DANWA_NODE_NAME", "/web/danwa-node"},
      {"DANWA_ENV_PATH", "/bin"},
  };
  for (const auto& [name, value] : links) {
    EXPECT_EQ(refusal({.environment = {{name, value}}}), "") << name << "=" << value;
  }
  EXPECT_NE(load({.environment = {{"DANWA_NODE_NAME", "/web/danwa-node"}}}).node.name, "/web/danwa-node");
  EXPECT_EQ(load({.environment = {{"DANWA_NODE_NAME", "node-1"}}}).node.name, "node-1");
}

TEST_F(SettingsTest, AVariableThatIsNoLinkIsStillChecked) {
  const std::pair<const char*, const char*> wrong[] = {
      {"DANWA_PORT", "8080"},          {"DANWA_HTTP_PORT", "8080"},   {"DANWA_PORT_HTTP", "8080"},
      {"DANWA_PORT_8080", "x"},        {"DANWA_PORT_8080_ICMP", "x"}, {"DANWA_SERVICE", "x"},
      {"DANWA_SERVICE_HOSTNAME", "x"}, {"DANWA_HTTP_LISTN", "x"},     {"DANWA_PORT_8080_TCP_NAME", "x"},
      {"DANWA_NAME", "danwa"},         {"DANWA_SERVICE_HOST_X", "x"},
  };
  for (const auto& [name, value] : wrong) {
    const auto line = refusal({.environment = {{name, value}}});
    EXPECT_TRUE(has(line, std::string{"environment variable "} + name + ": unknown setting")) << name << ": " << line;
  }
  EXPECT_TRUE(has(refusal({.environment = {{"DANWA_HTTP_LISTN", "x"}}}), "did you mean DANWA_HTTP_LISTEN?"));
  EXPECT_TRUE(has(refusal({.environment = {{"DANWA_HTTP_LISTEN", "tcp://10.96.0.14:80"}}}), "is a URL"));
}

TEST_F(SettingsTest, AllFaultsAreToldAtOnce) {
  const auto file = write("a.toml",
                          "[http]\nmax_connections = 'many'\nlisen = 'x'\n[log]\nlevel = 'loud'\n"
                          "[database]\nretention = 1.5\n");
  const SettingsSources sources{.file = file,
                                .environment = {{"DANWA_GRPC_LISTEN", "9090"}, {"DANWA_AUTH_MODE", "none"}},
                                .overrides = {"http.threads=9999", "cluster.secret_file=/nonexistent", "nonsense",
                                              "cluster.listen=127.0.0.1:1", "cluster.seeds=a b"}};
  try {
    load_settings(sources);
    FAIL();
  } catch (const SettingsError& error) {
    const char* parts[] = {"line 2: http.max_connections must be a whole number",
                           "line 3: unknown setting http.lisen",
                           "log.level must be one of",
                           "database.retention must be a string, a whole number",
                           "auth.mode must be one of",
                           "--set: http.threads must be 0 to 4096",
                           "the secret's file /nonexistent",
                           "--set ********: key=value is expected",
                           "cluster.seeds, element 1 must be host:port",
                           "cluster.seeds, element 2 must be host:port",
                           "grpc.listen "};
    for (const char* part : parts) EXPECT_TRUE(has(error.what(), part)) << part << " in\n" << error.what();
    EXPECT_EQ(error.lines().size(), std::size(parts)) << error.what();
    EXPECT_FALSE(has(error.what(), "must be on loopback")) << "no rule over a value that is not known";
  }
}

TEST_F(SettingsTest, FilesThatCannotBeReadAreTold) {
  const SettingsSources sources{
      .overrides = {"auth.mode=jwt", "auth.jwt.key_file=/nonexistent", "cluster.tls.cert_file=" + write("empty", ""),
                    "cluster.tls.key_file=" + folder_.string(), "cluster.tls.ca_file=" + write("ca", "x")}};
  EXPECT_EQ(refusal(sources), "");
  try {
    check_settings(sources);
    FAIL();
  } catch (const SettingsError& error) {
    EXPECT_EQ(error.lines().size(), 3U) << error.what();
    for (const char* key : {"auth.jwt.key_file", "cluster.tls.cert_file", "cluster.tls.key_file"}) {
      EXPECT_TRUE(has(error.what(), key)) << error.what();
    }
  }
}

TEST_F(SettingsTest, WrongTypesAndRangesNameTheirLine) {
  const auto type = write("a.toml", "[http]\nmax_connections = 'many'\n");
  EXPECT_TRUE(has(refusal({.file = type}), "a.toml line 2: http.max_connections must be a whole number"));
  const auto range = write("b.toml", "[http]\nmax_connections = 0\n");
  EXPECT_TRUE(has(refusal({.file = range}), "b.toml line 2: http.max_connections must be 1 to"));
  EXPECT_TRUE(has(refusal({.overrides = {"log.level=loud"}}), "must be one of: debug, info, warn, error"));
  EXPECT_TRUE(has(refusal({.overrides = {"cluster.plain_network=yes"}}), "must be true or false"));
  const auto broken = write("c.toml", "[http\n");
  EXPECT_TRUE(has(refusal({.file = broken}), "c.toml line 1, column")) << refusal({.file = broken});
  EXPECT_TRUE(has(refusal({.file = "/nonexistent.toml"}), "cannot be read"));
}

TEST_F(SettingsTest, DevelopmentModeStaysOnLoopback) {
  EXPECT_TRUE(has(refusal({.overrides = {"http.listen=0.0.0.0:80"}}), "loopback"));
  EXPECT_EQ(refusal({.overrides = {"http.listen=0.0.0.0:80", "auth.mode=jwt", "auth.jwt.key_file=k"}}), "");
}

TEST_F(SettingsTest, AClusterOnSqliteStaysOnOneHost) {
  for (const std::string setting :
       {"cluster.listen=10.0.0.1:90", "cluster.seeds=10.0.0.1:90", "cluster.advertise=10.0.0.1:90"}) {
    const std::string line = refusal({.overrides = {"cluster.listen=127.0.0.1:90", setting}});
    EXPECT_TRUE(has(line, "SQLite") && has(line, "one host")) << setting << ": " << line;
  }
}

TEST_F(SettingsTest, AnOriginOrHostThatMatchesNothingIsRefused) {
  for (const std::string origin :
       {"chat.example.com", "https://chat.example.com/", "*", "https://*.example.com", "https://u@chat.example.com"}) {
    EXPECT_TRUE(has(refusal({.overrides = {"http.allowed_origins=" + origin}}), "scheme://host")) << origin;
  }
  for (const std::string host : {"https://chat.example.com", "*.example.com", "chat.example.com/x", "::1"}) {
    EXPECT_TRUE(has(refusal({.overrides = {"http.allowed_hosts=" + host}}), "host:port")) << host;
  }
  const auto good = load({.overrides = {"http.allowed_origins=https://a.example http://[::1]:3000 null",
                                        "http.allowed_hosts=a.example:443 [::1] 10.0.0.1"}});
  EXPECT_EQ(good.http.allowed_origins.size() + good.http.allowed_hosts.size(), 6U);
}

TEST_F(SettingsTest, AConnectionIsKeptLongerThanByTheUsualBalancer) {
  EXPECT_EQ(load({}).http.keep_alive, std::chrono::seconds{75}) << "AWS keeps one for 60 s";
  EXPECT_EQ(load({.overrides = {"http.keep_alive_ms=1000"}}).http.keep_alive, std::chrono::seconds{1});
  EXPECT_TRUE(has(refusal({.overrides = {"http.keep_alive_ms=0"}}), "http.keep_alive_ms"));
}

TEST_F(SettingsTest, JwtNeedsAKey) { EXPECT_TRUE(has(refusal({.overrides = {"auth.mode=jwt"}}), "auth.jwt.key_file")); }

TEST_F(SettingsTest, SecretsComeFromFilesAndAreMaskedInPrint) {
  const auto secret = write("secret", "open sesame\n");
  for (const SettingsSources& sources :
       {SettingsSources{.environment = {{"DANWA_CLUSTER_SECRET_FILE", secret}}},
        SettingsSources{.overrides = {"cluster.secret_file=" + secret}},
        SettingsSources{.file = write("a.toml", "[cluster]\nsecret_file = '" + secret + "'\n")}}) {
    EXPECT_EQ(load(sources).cluster.secret, "open sesame");
    const std::string text = print(read_values(sources));
    EXPECT_FALSE(has(text, "open sesame"));
    EXPECT_TRUE(has(text, "cluster.secret = \"********\""));
  }
  EXPECT_TRUE(has(refusal({.overrides = {"cluster.secret_file=/nonexistent"}}), "cannot be read"));
}

TEST_F(SettingsTest, PrintReadsBackAsTheSameSettings) {
  const auto values =
      read_values({.overrides = {"node.name=a", "http.allowed_origins=https://a.example https://b.example"}});
  EXPECT_EQ(read_values({.file = write("printed.toml", print(values))}), values);
}

}  // namespace
}  // namespace danwa::app
