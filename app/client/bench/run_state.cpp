#include "app/client/bench/run_state.hpp"

#include <array>
#include <random>

namespace danwa::app::bench {
namespace {

std::string random_word() {
  std::random_device random;
  std::string word;
  for (int i = 0; i < 10; ++i) word += "0123456789abcdefghijklmnopqrstuv"[random() % 32];
  return word;
}

}  // namespace

RunState::RunState(const BenchOptions& wanted)
    : options{wanted}, run{random_word()}, ledger{wanted.conversations}, history{wanted.history} {
  for (const auto& node : options.nodes) nodes.push_back(infra::Endpoint::parse(node));
  const std::string prefix = options.prefix.empty() ? "bench-" + run : options.prefix;
  for (std::size_t i = 0; i < options.conversations; ++i) conversations.push_back(prefix + "-" + std::to_string(i));
}

}  // namespace danwa::app::bench
