#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/bench/load.hpp"
#include "app/bench/run_state.hpp"
#include "infra/system/identity.hpp"
#include "infra/system/process.hpp"

#ifdef DANWA_GRPC
#include "infra/grpc_client/chat_client.hpp"
#endif

namespace danwa::bench {

// Runs the phases of a load and prints one JSON line. CPU is measured per post and per delivery, of the servers (by
// pid) and of the tool itself: on a shared machine these figures are comparable between runs, and rates are not.

namespace {

using Json = nlohmann::ordered_json;

std::vector<ProcessFigures> look_at(const std::vector<int>& pids) {
  std::vector<ProcessFigures> all;
  all.reserve(pids.size());
  for (const int pid : pids) all.push_back(figures_of(pid).value_or(ProcessFigures{}));
  return all;
}

double rounded(double value) { return static_cast<double>(std::llround(value * 100)) / 100; }

double per(double total, std::uint64_t count) { return count == 0 ? 0.0 : rounded(total / static_cast<double>(count)); }

Json to_json(const Histogram& h) {
  return {{"p50", h.at(0.5)}, {"p99", h.at(0.99)}, {"p999", h.at(0.999)}, {"max", h.max()}};
}

Json posts_json(const RunState& state, double seconds) {
  Json statuses = Json::object();
  for (const auto& [status, count] : state.counts.statuses) statuses[std::to_string(status)] = count;
  const auto acknowledged = state.ledger.acknowledged_total();
  return {{"acknowledged", acknowledged},
          {"begun", state.counts.posts},
          {"per_second", rounded(static_cast<double>(acknowledged) / seconds)},
          {"latency_us", to_json(state.post_latency)},
          {"statuses", statuses},
          {"retries", state.counts.retries},
          {"replays", state.counts.replays},
          {"in_flight_timeouts", state.in_flight.expired()}};
}

Json deliveries_json(const RunState& state, double seconds) {
  return {{"count", state.counts.deliveries},
          {"per_second", rounded(static_cast<double>(state.counts.deliveries) / seconds)},
          {"commit_to_socket_us", to_json(state.others.ack_to_socket)},
          {"send_to_socket_us", to_json(state.others.send_to_socket)},
          {"stalled_send_to_socket_us", to_json(state.stalled.send_to_socket)},
          {"reconnects", state.counts.reconnects},
          {"told_missed", state.counts.told_missed}};
}

/// The measured processes, with their use since `before`.
struct ServerUse {
  ServerUse(const std::vector<int>& pids, const std::vector<ProcessFigures>& before) {
    const auto after = look_at(pids);
    for (std::size_t i = 0; i < after.size(); ++i) {
      const double cpu = after[i].cpu_seconds - before[i].cpu_seconds;
      cpu_us += cpu * 1e6;
      switches += after[i].voluntary_switches - before[i].voluntary_switches;
      grown_bytes += static_cast<double>(after[i].resident_bytes) - static_cast<double>(before[i].resident_bytes);
      processes.push_back({{"pid", pids[i]},
                           {"cpu_seconds", rounded(cpu)},
                           {"voluntary_switches", after[i].voluntary_switches - before[i].voluntary_switches},
                           {"resident_bytes_before", before[i].resident_bytes},
                           {"resident_bytes", after[i].resident_bytes}});
    }
  }

  Json processes = Json::array();
  double cpu_us = 0;           // of all together
  std::uint64_t switches = 0;  // of all together
  double grown_bytes = 0;      // of all together
};

Json servers_json(const RunState& state, const std::vector<ProcessFigures>& before) {
  const ServerUse use{state.options.pids, before};
  return {{"processes", use.processes},
          {"cpu_us_per_post", per(use.cpu_us, state.ledger.acknowledged_total())},
          {"cpu_us_per_delivery", per(use.cpu_us, state.counts.deliveries)},
          {"switches_per_post", per(static_cast<double>(use.switches), state.ledger.acknowledged_total())}};
}

Json violations_json(const Violations& v) {
  return {{"lost", v.lost},
          {"duplicated", v.duplicated},
          {"reordered", v.reordered},
          {"foreign", v.foreign},
          {"resets", v.resets}};
}

int print(Json report, const RunState& state, const Violations& violations) {
  const bool fine = violations.sum() == 0 && state.counts.failures == 0;
  report["violations"] = violations_json(violations);
  report["failures"] = state.counts.failures;
  report["first_failures"] = state.counts.first_failures;
  report["ok"] = fine;
  std::puts(report.dump().c_str());
  if (violations.sum() > 0) return kViolated;
  return state.counts.failures > 0 ? kFailedRequests : kFine;
}

Json opening(const RunState& state, const char* mode) {
  const auto& options = state.options;
  return {{"mode", mode},
          {"nodes", options.nodes},
          {"run", state.run},
          {"posters", options.posters},
          {"in_flight", options.in_flight},
          {"watchers", options.idle > 0 ? options.idle : options.watchers},
          {"stalled", options.stall},
          {"conversations", options.conversations},
          {"text_bytes", options.text_size}};
}

int run_idle(RunState& state) {
  const auto before = look_at(state.options.pids);
  Load load{state};
  load.connect_watchers(state.options.idle, false);
  load.idle(state.options.seconds > 0 ? state.options.seconds : 2);
  auto report = opening(state, "idle");
  const ServerUse use{state.options.pids, before};
  report["servers"] = use.processes;
  report["resident_bytes_per_watcher"] = per(use.grown_bytes, state.options.idle);
  load.stop();
  return print(std::move(report), state, state.ledger.close(false));
}

Json reconnect_json(RunState& state, Load& load) {
  const auto reads = database_reads(state);
  const auto begin = now_us();
  load.reconnect_watchers(state.options.reconnect);
  const double seconds = static_cast<double>(now_us() - begin) / 1e6;
  return {{"watchers", state.until_resumed.total()},
          {"at_once", state.options.reconnect},
          {"seconds", rounded(seconds)},
          {"until_resumed_us", to_json(state.until_resumed)},
          {"database_reads", database_reads(state) - reads}};
}

int run_connects(RunState& state) {
  const auto before = look_at(state.options.pids);
  const auto begin = now_us();
  Load load{state};
  const auto succeeded = load.connect_and_leave(state.options.connects);
  const double seconds = static_cast<double>(now_us() - begin) / 1e6;
  const ServerUse use{state.options.pids, before};
  auto report = opening(state, "connects");
  report["seconds"] = rounded(seconds);
  report["connects"] = {{"count", succeeded},
                        {"per_second", rounded(static_cast<double>(succeeded) / seconds)},
                        {"until_watching_us", to_json(state.until_watching)}};
  report["server"] = {{"processes", use.processes}, {"cpu_us_per_connect", per(use.cpu_us, succeeded)}};
  load.stop();
  return print(std::move(report), state, state.ledger.close(false));
}

}  // namespace

int run_bench(const BenchOptions& options) {
  system::raise_descriptor_limit();  // tens of thousands of sockets need more than the usual 1,024
  RunState state{options};
  if (options.idle > 0) return run_idle(state);
  if (options.connects > 0) return run_connects(state);
  Load load{state};
  const bool complete = !options.latest;
  if (!load.connect_watchers(options.watchers, true) && !options.crash_tolerant) {
    return print(opening(state, "not started"), state, state.ledger.close(false));
  }
  const auto before = look_at(options.pids);
  const double own_before = system::cpu_seconds();
  const double seconds = load.post_all();
  load.settle();
  auto report = opening(state, options.rate > 0 ? "open" : "closed");
  report["seconds"] = rounded(seconds);
  report["posts"] = posts_json(state, seconds);
  report["deliveries"] = deliveries_json(state, seconds);
  report["server"] = servers_json(state, before);
  const double own = system::cpu_seconds() - own_before;
  if (options.reconnect > 0) report["reconnect"] = reconnect_json(state, load);
  report["client_cpu_us_per_post"] = per(own * 1e6, state.counts.posts);
  report["client_cpu_us_per_delivery"] = per(own * 1e6, state.counts.deliveries);
  load.stop();
  if (options.crash_tolerant || state.history.on()) read_final_log(state);
  return print(std::move(report), state, state.ledger.close(complete));
}

#ifdef DANWA_GRPC
namespace {

grpc_client::ChatLoadOptions to_load(const BenchOptions& options) {
  grpc_client::ChatLoadOptions load;
  load.addresses = options.grpc;
  load.posters = options.posters;
  load.watchers = options.watchers;
  load.conversations = options.conversations;
  load.posts = options.posts;
  load.seconds = options.seconds;
  load.text_size = options.text_size;
  load.settle_seconds = options.settle_seconds;
  load.prefix = options.prefix.empty() ? "grpc-" + system::random_hex(4) + "-" : options.prefix;
  load.token_for = options.token_for;
  return load;
}

double cpu_seconds_of(const std::vector<int>& pids) {
  double all = 0;
  for (const int pid : pids) all += figures_of(pid).value_or(ProcessFigures{}).cpu_seconds;
  return all;
}

Json to_report(const BenchOptions& options, const grpc_client::ChatLoadResult& result, double cpu) {
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
  double before = 0;
  const auto result = grpc_client::run_chat_load(to_load(options), [&] { before = cpu_seconds_of(options.pids); });
  if (!result) {
    std::fputs("danwa: not all watchers could connect\n", stderr);
    return kFailedRequests;
  }
  std::puts(to_report(options, *result, cpu_seconds_of(options.pids) - before).dump().c_str());
  if (result->lost + result->disorder > 0) return kViolated;
  return result->failures > 0 ? kFailedRequests : kFine;
}

#else
int run_grpc_bench(const BenchOptions& /*options*/) {
  std::fputs("danwa: gRPC is not part of this build\n", stderr);
  return kFailedRequests;
}

#endif

}  // namespace danwa::bench
