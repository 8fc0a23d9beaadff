#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "app/danwad/node.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "component/test_client.hpp"
#include "support/io_thread_count.hpp"

namespace danwa::tests {

/// A folder that goes away with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = testing::TempDir() + "danwa-component-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A whole node in this process, on a free port.
struct TestNode : app::Node {
  static app::Settings settings_of(const std::string& database, std::vector<std::string> more) {
    app::SettingsSources sources;
    sources.overrides = {"node.name=node-1", "http.listen=127.0.0.1:0", "log.level=error",
                         "http.threads=" + std::to_string(io_thread_count()), "database.master=sqlite:" + database};
    sources.overrides.insert(sources.overrides.end(), more.begin(), more.end());
    return app::load_settings(sources);
  }

  explicit TestNode(const std::string& database, std::vector<std::string> more = {})
      : Node{settings_of(database, std::move(more))} {
    start();
  }

  int port() const { return std::stoi(http.server.bound_address().substr(http.server.bound_address().rfind(':') + 1)); }
};

/// A test with one node and a connection to it.
class NodeTest : public testing::Test {
 protected:
  static Headers as(const std::string& user) {
    return {{"Authorization", "Bearer " + user}, {"Content-Type", "application/json"}};
  }
  static Headers with(Headers headers, const std::string& name, const std::string& value) {
    headers.emplace_back(name, value);
    return headers;
  }

  Answer get(const std::string& target, const Headers& headers = {}) { return client_.request("GET", target, headers); }
  Answer post(const std::string& body, const Headers& headers = as("user-1")) {
    return client_.request("POST", "/v1/comments", headers, body);
  }
  Answer say(const std::string& text, const std::string& key = "lobby", const std::string& user = "user-1") {
    return post(nlohmann::json{{"content", text}, {"conversationKey", key}}.dump(), as(user));
  }

  TempFolder folder_;
  TestNode node_{folder_.file("danwa.db")};
  TestConnection client_{node_.port()};
};

}  // namespace danwa::tests
