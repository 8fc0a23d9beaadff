#include "infra/caf/cluster/child_node.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "infra/caf/cluster/test_node.hpp"

namespace danwa::caf {
namespace {

std::string env(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// What a child runs instead of tests, until its standard input ends.
class ChildMain final : public testing::Environment {
 public:
  void SetUp() override {
    if (env("DANWA_CHILD_NAME").empty()) return;
    ClusterOptions options;
    options.name = env("DANWA_CHILD_NAME");
    options.listen = env("DANWA_CHILD_LISTEN");
    options.seeds = {env("DANWA_CHILD_SEED")};
    options.secret = "secret";
    TestNode node{options};
    node.on_frame([&node](const delivery::FramePtr& frame) {
      if (frame->channel().key == "ping") node.send("pong", frame->seq(), 20);
    });
    std::cout << "ADDRESS " << node.address() << std::endl;
    for (char byte = 0; ::read(STDIN_FILENO, &byte, 1) > 0;) {
    }
    std::_Exit(0);
  }
};
const auto* const kChildMain = testing::AddGlobalTestEnvironment(new ChildMain);

[[noreturn]] void run(const std::string& name, const std::string& seed, const std::string& listen, int in, int out) {
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::setenv("DANWA_CHILD_NAME", name.c_str(), 1);
  ::setenv("DANWA_CHILD_SEED", seed.c_str(), 1);
  ::setenv("DANWA_CHILD_LISTEN", listen.c_str(), 1);
  ::unsetenv("GTEST_OUTPUT");
  ::execl("/proc/self/exe", "child", nullptr);
  ::_exit(127);
}

}  // namespace

ChildNode::ChildNode(const std::string& name, const std::string& seed, const std::string& listen) {
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error{"pipe"};
  pid_ = ::fork();
  if (pid_ == 0) run(name, seed, listen, in[0], out[1]);
  ::close(in[0]);
  ::close(out[1]);
  stdin_ = in[1];
  stdout_ = out[0];
  read_address();
}

ChildNode::~ChildNode() {
  kill();
  ::close(stdin_);
  ::close(stdout_);
}

void ChildNode::signal(int number) const { ::kill(pid_, number); }

void ChildNode::kill() {
  if (pid_ <= 0) return;
  signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void ChildNode::read_address() {
  std::string text;
  for (char byte = 0; ::read(stdout_, &byte, 1) == 1;) {
    text.push_back(byte);
    const auto start = text.find("ADDRESS ");
    if (byte != '\n' || start == std::string::npos) continue;
    address_ = text.substr(start + 8, text.size() - start - 9);
    return;
  }
  throw std::runtime_error{"the child did not start: " + text};
}

}  // namespace danwa::caf
