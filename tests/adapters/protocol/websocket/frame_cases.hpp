#pragma once

#include <string>
#include <vector>

namespace danwa::tests {

/// Bytes a client sends after the handshake, and what the parser must make of them.
struct FrameCase {
  std::string name;
  std::string bytes;
  std::string expected;  ///< see Transcript
};

/// After the public description of the Autobahn test suite, categories 1 to 7 and 10.
std::vector<FrameCase> data_cases();
std::vector<FrameCase> control_cases();
std::vector<FrameCase> fragment_cases();
std::vector<FrameCase> utf8_cases();
std::vector<FrameCase> close_cases();

}  // namespace danwa::tests
