#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "app/client/asking.hpp"
#include "app/client/commands.hpp"

namespace danwa::app::client {
namespace {

/// The server's program that came with this one.
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

}  // namespace danwa::app::client
