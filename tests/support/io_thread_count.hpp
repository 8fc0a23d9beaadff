#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>

namespace danwa::tests {

/// Number of io threads of a node in a test that works with any number: DANWA_TEST_IO_THREADS, else 2.
inline std::size_t io_thread_count() {
  const char* const text = std::getenv("DANWA_TEST_IO_THREADS");
  return text != nullptr ? std::stoul(text) : 2;
}

}  // namespace danwa::tests
