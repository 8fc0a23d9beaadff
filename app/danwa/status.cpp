#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "app/danwa/commands.hpp"
#include "app/danwa/requests.hpp"

// `status` asks every node for its health, its readiness and a digest of its figures. A node that gives no answer
// within 3 s is shown as not ready, with the reason, and the others are still asked. `operate` replaces the process
// with danwad: the exit status, the signals and the terminal are then danwad's own.

namespace danwa::tool {
namespace {

using nlohmann::ordered_json;

constexpr const char* kDigest[] = {"danwa_cluster_peers",       "danwa_websockets",
                                   "danwa_sse_streams",         "danwa_watchers_behind",
                                   "danwa_comments_sent_total", "danwa_frames_delivered_total",
                                   "danwa_ring_drops_total",    "danwa_relay_drops_total",
                                   "danwa_tail_repairs_total",  "danwa_commits_total"};

std::map<std::string, double> read_metrics(const std::string& text) {
  std::map<std::string, double> figures;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.rfind(' ');
    if (line.empty() || line[0] == '#' || blank == std::string::npos) continue;
    figures[line.substr(0, blank)] = std::strtod(line.c_str() + blank + 1, nullptr);
  }
  return figures;
}

ordered_json look(const std::string& node) {
  ordered_json found{{"node", node}};
  try {
    client::HttpClient client{client::Endpoint::parse(node), std::chrono::seconds{3}};
    found["healthy"] = client.send({.target = "/healthz"}).status == 200;
    const auto ready = client.send({.target = "/readyz"});
    found["ready"] = ready.status == 200;
    if (const auto checks = ordered_json::parse(ready.body, nullptr, false); checks.is_object())
      found["checks"] = checks;
    const auto figures = read_metrics(client.send({.target = "/metrics"}).body);
    for (const char* name : kDigest) {
      if (const auto one = figures.find(name); one != figures.end()) found["metrics"][name] = one->second;
    }
  } catch (const client::NetworkError& error) {
    found["healthy"] = found["ready"] = false;
    found["error"] = error.what();
  }
  return found;
}

void print_line(const ordered_json& found) {
  const bool ready = found["ready"].get<bool>();
  std::printf("%-24s %s", found["node"].get<std::string>().c_str(), ready ? "ready" : "NOT READY");
  if (found.contains("error")) std::printf("  %s", found["error"].get<std::string>().c_str());
  if (found.contains("metrics")) {
    for (const auto& [name, value] : found["metrics"].items()) {
      std::printf("  %s=%.0f", name.substr(6).c_str(), value.get<double>());
    }
  }
  std::putchar('\n');
}

}  // namespace

int status(const Access& access, bool as_json) {
  bool all_ready = true;
  for (const auto& node : access.nodes) {
    const auto found = look(node);
    all_ready = all_ready && found["ready"].get<bool>();
    if (as_json) {
      std::puts(found.dump().c_str());
    } else {
      print_line(found);
    }
  }
  return all_ready ? kOk : kUnreachable;
}

namespace {

/// The path of danwad in the directory of this program.
std::string danwad_beside() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string{} : (self.parent_path() / "danwad").string();
}

}  // namespace

int operate(const std::string& command, const std::vector<std::string>& arguments) {
  std::string program = danwad_beside();
  std::vector<std::string> words{"danwad", command};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
  if (errno == ENOENT || program.empty()) ::execvp("danwad", pointers.data());
  complain("`danwad " + command + "` cannot be run: " + std::strerror(errno));
  return kUsage;
}

}  // namespace danwa::tool
