#pragma once

#include <cstddef>
#include <optional>

namespace danwa::app::bench {

/// Figures of a local process from /proc.
struct ProcessFigures {
  double cpu_seconds = 0;  ///< user and system
  std::size_t resident_bytes = 0;
};

/// Returns nullopt if there is no such process.
std::optional<ProcessFigures> figures_of(int pid);

/// User and system time of this process, in seconds.
double own_cpu_seconds();

}  // namespace danwa::app::bench
