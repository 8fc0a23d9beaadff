#include "app/client/bench/process_figures.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace danwa::app::bench {

std::optional<ProcessFigures> figures_of(int pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  std::istringstream fields{line.substr(line.rfind(')') + 2)};  // behind the process name, which may contain any bytes
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  for (int i = 0; i < 8; ++i) fields >> skipped;
  std::size_t pages = 0;
  fields >> pages;
  return ProcessFigures{(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK)),
                        pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))};
}

double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace danwa::app::bench
