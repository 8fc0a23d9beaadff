#include "app/client/bench/bench_options.hpp"

#ifdef DANWA_GRPC
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>

#include "app/client/bench/process_figures.hpp"
#include "infra/grpc_client/chat_load.hpp"

namespace danwa::app::bench {
namespace {

using Report = nlohmann::ordered_json;

infra::ChatLoadOptions to_load(const BenchOptions& options) {
  infra::ChatLoadOptions load;
  load.addresses = options.grpc;
  load.posters = options.posters;
  load.watchers = options.watchers;
  load.conversations = options.conversations;
  load.posts = options.posts;
  load.seconds = options.seconds;
  load.text_size = options.text_size;
  load.settle_seconds = options.settle_seconds;
  load.prefix = options.prefix.empty() ? "grpc-" + std::to_string(std::random_device{}()) + "-" : options.prefix;
  load.token_for = options.token_for;
  return load;
}

double cpu_seconds_of(const std::vector<int>& pids) {
  double all = 0;
  for (const int pid : pids) all += figures_of(pid).value_or(ProcessFigures{}).cpu_seconds;
  return all;
}

Report to_report(const BenchOptions& options, const infra::ChatLoadResult& result, double cpu) {
  const auto per = [](double total, std::uint64_t count) {
    return count == 0 ? 0.0
                      : static_cast<double>(static_cast<std::int64_t>(total * 100 / static_cast<double>(count))) / 100;
  };
  return {{"mode", "grpc"},
          {"nodes", options.grpc},
          {"posters", options.posters},
          {"watchers", options.watchers},
          {"conversations", options.conversations},
          {"text_bytes", options.text_size},
          {"seconds", result.seconds},
          {"posts",
           {{"acknowledged", result.acknowledged},
            {"per_second", static_cast<std::uint64_t>(static_cast<double>(result.acknowledged) / result.seconds)}}},
          {"deliveries",
           {{"count", result.deliveries},
            {"per_second", static_cast<std::uint64_t>(static_cast<double>(result.deliveries) / result.seconds)}}},
          {"servers",
           {{"cpu_us_per_post", per(cpu * 1e6, result.acknowledged)},
            {"cpu_us_per_delivery", per(cpu * 1e6, result.deliveries)}}},
          {"violations", {{"lost", result.lost}, {"disorder", result.disorder}}},
          {"failures", result.failures},
          {"first_failure", result.first_failure},
          {"ok", result.lost + result.disorder + result.failures == 0}};
}

}  // namespace

int run_grpc_bench(const BenchOptions& options) {
  infra::ChatLoad load{to_load(options)};
  if (!load.connect()) {
    std::fputs("danwa: not all watchers could connect\n", stderr);
    return kFailedRequests;
  }
  const double before = cpu_seconds_of(options.pids);
  const auto result = load.post_and_settle();
  std::puts(to_report(options, result, cpu_seconds_of(options.pids) - before).dump().c_str());
  if (result.lost + result.disorder > 0) return kViolated;
  return result.failures > 0 ? kFailedRequests : kFine;
}

}  // namespace danwa::app::bench
#else
#include <cstdio>

namespace danwa::app::bench {

int run_grpc_bench(const BenchOptions& /*options*/) {
  std::fputs("danwa: gRPC is not part of this build\n", stderr);
  return kFailedRequests;
}

}  // namespace danwa::app::bench
#endif
