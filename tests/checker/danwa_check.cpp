#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "checker/verdict.hpp"

namespace {

constexpr const char* kUsage =
    "usage: danwa_check [--max-delay-ms N] HISTORY...\n"
    "Reads histories (tests/checker/README.md) as one run. Exit status: 0 all promises held, 1 one was broken,\n"
    "2 the histories cannot be read.\n";

int report(const danwa::checker::Verdict& verdict) {
  for (const auto& words : verdict.words) std::fprintf(stderr, "%s\n", words.c_str());
  std::printf(R"({"ok":%s,"posts":%llu,"deliveries":%llu,"log":%llu)", verdict.fine() ? "true" : "false",
              static_cast<unsigned long long>(verdict.checked_posts),
              static_cast<unsigned long long>(verdict.checked_deliveries),
              static_cast<unsigned long long>(verdict.checked_log));
  for (const auto& [kind, count] : verdict.counts) {
    std::printf(R"(,"%s":%llu)", kind.c_str(), static_cast<unsigned long long>(count));
  }
  std::puts("}");
  return verdict.fine() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t max_delay_us = 0;
  std::vector<danwa::checker::Event> events;
  int files = 0;
  try {
    for (int i = 1; i < argc; ++i) {
      if (std::strcmp(argv[i], "--max-delay-ms") == 0 && i + 1 < argc) {
        max_delay_us = std::atoll(argv[++i]) * 1000;
        continue;
      }
      std::ifstream in{argv[i]};
      if (!in) throw std::runtime_error{std::string{"cannot read "} + argv[i]};
      danwa::checker::read_history(in, events);
      ++files;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "danwa_check: %s\n", error.what());
    return 2;
  }
  if (files == 0 || events.empty()) {
    std::fputs(files == 0 ? kUsage : "danwa_check: the history is empty\n", stderr);
    return 2;
  }
  return report(danwa::checker::check(events, max_delay_us));
}
