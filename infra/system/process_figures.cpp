#include "infra/system/process_figures.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>

namespace danwa::infra {
namespace {

const auto kStart = std::chrono::system_clock::now();

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double thread_count() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    if (word == "Threads:") {
      double count = 0;
      status >> count;
      return count;
    }
  }
  return 0;
}

double descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

double start_time() { return std::chrono::duration<double>(kStart.time_since_epoch()).count(); }

void append(std::string& out, std::string_view name, std::string_view type, std::string_view help, double value) {
  char number[32];
  std::snprintf(number, sizeof number, "%.15g", value);
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  out.append(name).append(" ").append(number).append("\n");
}

}  // namespace

std::string process_figures() {
  std::string out;
  append(out, "process_cpu_seconds_total", "counter", "User and system CPU time.", cpu_seconds());
  append(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
  append(out, "process_open_fds", "gauge", "Open descriptors.", static_cast<double>(open_descriptors()));
  append(out, "process_max_fds", "gauge", "Limit of open descriptors.", descriptor_limit());
  append(out, "process_threads", "gauge", "Threads.", thread_count());
  append(out, "process_start_time_seconds", "gauge", "Start, seconds since 1970.", start_time());
  return out;
}

std::uint64_t open_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::uint64_t entries = 0;
  while (::readdir(folder) != nullptr) ++entries;
  ::closedir(folder);
  constexpr std::uint64_t kNone = 3;  // ".", ".." and the folder itself
  return entries > kNone ? entries - kNone : 0;
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

}  // namespace danwa::infra
