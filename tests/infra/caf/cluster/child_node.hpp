#pragma once

#include <sys/types.h>

#include <string>

namespace danwa::caf {

/// A node in a process of its own (the test program, started again): it answers each event of room
/// "ping" with one of room "pong".
class ChildNode {
 public:
  /// Returns when the node listens.
  ChildNode(const std::string& name, const std::string& seed, const std::string& listen = "127.0.0.1:0");
  ~ChildNode();
  ChildNode(const ChildNode&) = delete;
  ChildNode& operator=(const ChildNode&) = delete;

  const std::string& address() const { return address_; }
  pid_t pid() const { return pid_; }
  void signal(int number) const;
  void kill();  ///< -9, and waits for its end

 private:
  void read_address();

  pid_t pid_ = 0;
  int stdin_ = -1;
  int stdout_ = -1;
  std::string address_;
};

}  // namespace danwa::caf
