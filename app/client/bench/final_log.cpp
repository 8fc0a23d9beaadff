#include "app/client/bench/final_log.hpp"

#include "app/client/bench/event_loop.hpp"
#include "app/client/bench/text_hash.hpp"
#include "app/client/bench/update_scan.hpp"
#include "infra/client/http_client.hpp"

namespace danwa::app::bench {
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

void read_conversation(RunState& state, std::size_t conversation, infra::HttpClient& client, const std::string& token) {
  std::uint64_t after = 0;
  for (;;) {
    infra::HttpRequest request{.method = "GET",
                               .target = "/v1/conversations/" + state.conversations[conversation] +
                                         "/updates?limit=1000&after=" + std::to_string(after),
                               .token = token,
                               .headers = {{"Accept", "application/json"}},
                               .body = {}};
    const auto asked = now_us();
    const auto reply = client.send(request);
    if (reply.status != 200) throw infra::NetworkError{"reading the log: status " + std::to_string(reply.status)};
    const auto last = enter_page(state, conversation, client.node().name, reply.body, after + 1, asked);
    if (last == 0) break;
    after = last;
  }
  const auto head = state.ledger.head(conversation);
  if (after < head) state.ledger.lost(head - after);
}

}  // namespace

void read_final_log(RunState& state) {
  const std::string token = state.options.token_for("bench-0");
  std::string why;
  for (const auto& node : state.nodes) {
    try {
      infra::HttpClient client{node};
      client.send({.method = "GET", .target = "/healthz", .token = {}, .headers = {}, .body = {}});
      for (std::size_t i = 0; i < state.conversations.size(); ++i) read_conversation(state, i, client, token);
      return;
    } catch (const infra::NetworkError& error) {
      why = error.what();
    }
  }
  state.failed("the final log could not be read: " + why);
}

}  // namespace danwa::app::bench
