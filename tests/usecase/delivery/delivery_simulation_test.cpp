#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "sim_world.hpp"

namespace danwa::simulation {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string run_seed(std::uint64_t seed) {
  try {
    World world{seed};
    world.run(120);
    world.check_whole();
    world.check_empty_after_leaving();
  } catch (const std::logic_error& broken) {
    return broken.what();
  }
  return "";
}

/// DANWA_TEST_SIMULATION_SEEDS: how many; DANWA_TEST_SIMULATION_FIRST: from which on.
TEST(DeliverySimulation, KeepsEveryPromiseInEveryRun) {
  const auto first = number_from("DANWA_TEST_SIMULATION_FIRST", 1);
  const auto count = number_from("DANWA_TEST_SIMULATION_SEEDS", 150);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const auto broken = run_seed(seed);
    ASSERT_EQ(broken, "") << "repeat with DANWA_TEST_SIMULATION_FIRST=" << seed << " DANWA_TEST_SIMULATION_SEEDS=1";
  }
}

}  // namespace
}  // namespace danwa::simulation
