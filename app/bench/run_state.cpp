#include "app/bench/run_state.hpp"

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "infra/system/identity.hpp"

// The shared state of a run, the figures of the measured processes, and the last check. At the end of a run the log of
// each conversation is read over HTTP, from the first node that answers. It shows comments that were acknowledged and
// that no watcher could see, so a run without watchers is checked as well.

namespace danwa::bench {

namespace {

/// The voluntary context switches of all threads of a process.
std::uint64_t voluntary_switches_of(int pid) {
  constexpr std::string_view kName = "voluntary_ctxt_switches:";
  std::uint64_t sum = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task", gone}) {
    std::ifstream status{task.path() / "status"};
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(kName)) sum += std::stoull(line.substr(kName.size()));
    }
  }
  return sum;
}

}  // namespace

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
                        pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), voluntary_switches_of(pid)};
}

RunState::RunState(const BenchOptions& wanted)
    : options{wanted},
      run{system::random_hex(6)},
      ledger{wanted.conversations},
      in_flight{wanted.in_flight, wanted.conversations, wanted.watchers},
      history{wanted.history} {
  for (const auto& node : options.nodes) nodes.push_back(client::Endpoint::parse(node));
  const std::string prefix = options.prefix.empty() ? "bench-" + run : options.prefix;
  for (std::size_t i = 0; i < options.conversations; ++i) conversations.push_back(prefix + "-" + std::to_string(i));
}

namespace {

constexpr std::string_view kFrameStart = R"({"type":")";

/// Records the frames of one JSON page, requested at `asked` (us). Returns the seq of the last frame; 0: no frame.
std::uint64_t enter_page(RunState& state, std::size_t conversation, std::string_view node, std::string_view page,
                         std::uint64_t expected, std::int64_t asked) {
  std::uint64_t last = 0;
  for (auto at = page.find(kFrameStart); at != std::string_view::npos;) {
    const auto next = page.find(kFrameStart, at + 1);
    const auto frame = scan_frame(page.substr(at, next == std::string_view::npos ? next : next - at));
    at = next;
    if (!frame || frame->seq == 0) continue;
    if (frame->seq != expected) state.ledger.out_of_turn(frame->seq, expected);
    expected = frame->seq + 1;
    last = frame->seq;
    if (frame->shows_post() || !state.options.others_change) {
      state.ledger.seen(conversation, frame->seq, text_hash(frame->text));
    } else {
      state.ledger.passed(conversation, frame->seq);
    }
    state.history.log(node, state.conversations[conversation], *frame, asked);
  }
  return last;
}

void read_conversation(RunState& state, std::size_t conversation, client::HttpClient& client,
                       const std::string& token) {
  std::uint64_t after = 0;
  for (;;) {
    client::HttpRequest request{.target = "/v1/conversations/" + state.conversations[conversation] +
                                          "/updates?limit=1000&after=" + std::to_string(after),
                                .token = token,
                                .headers = {{"Accept", "application/json"}}};
    const auto asked = now_us();
    const auto reply = client.send(request);
    if (reply.status != 200) throw client::NetworkError{"reading the log: status " + std::to_string(reply.status)};
    const auto last = enter_page(state, conversation, client.node().name, reply.body, after + 1, asked);
    if (last == 0) break;
    after = last;
  }
  const auto head = state.ledger.head(conversation);
  if (after < head) state.ledger.lost(head - after);
}

}  // namespace

std::uint64_t database_reads(RunState& state) {
  std::uint64_t reads = 0;
  for (const auto& node : state.nodes) {
    client::HttpClient client{node};
    const auto metrics = client.send({.target = "/metrics"}).body;
    reads += scan_number(metrics, "\ndanwa_master_reads_total ") + scan_number(metrics, "\ndanwa_replica_reads_total ");
  }
  return reads;
}

void read_final_log(RunState& state) {
  const std::string token = state.options.token_for("bench-0");
  std::string why;
  for (const auto& node : state.nodes) {
    try {
      client::HttpClient client{node};
      client.send({.target = "/healthz"});
      for (std::size_t i = 0; i < state.conversations.size(); ++i) read_conversation(state, i, client, token);
      return;
    } catch (const client::NetworkError& error) {
      why = error.what();
    }
  }
  state.failed("the final log could not be read: " + why);
}

}  // namespace danwa::bench
