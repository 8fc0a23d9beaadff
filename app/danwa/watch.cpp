#include <algorithm>
#include <cstdio>
#include <thread>

#include "app/danwa/requests.hpp"
#include "domain/core/text.hpp"
#include "infra/client/node_client.hpp"

// A watch outlives its connections. It keeps the cursor behind the last frame and continues from it on the next node,
// so the output has no hole and nothing twice. An update has a seq and no cursor, so the epoch of the latest cursor is
// put in front. Some close codes and statuses are final (a wrong request, an ended token, a revoked access); after them
// no other node would help. All others are retried after 100 ms, then more slowly, up to 5 s.

namespace danwa::tool {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

/// True if the same watch may be tried again after this close code or status.
bool worth_trying(int code) {
  const bool final_close = code == 1008 || code == 4400 || code == 4401 || code == 4403;
  const bool final_status = code >= 400 && code < 500 && code != 429;
  return !final_close && !final_status;
}

/// One watch over many connections.
class Watching {
 public:
  explicit Watching(const WatchOptions& options) : options_{options}, after_{options.after} {}

  int run() {
    for (;; node_ = (node_ + 1) % options_.access.nodes.size()) {
      const int code = watch_once(options_.access.nodes[node_]);
      if (done()) return kOk;
      if (!worth_trying(code)) return kRefused;
      std::this_thread::sleep_for(pause_);
      pause_ = std::min(pause_ * 2, milliseconds{5000});
    }
  }

 private:
  bool done() const { return options_.count > 0 && seen_ >= options_.count; }

  std::string target() const {
    std::string target = "/v1/conversations/" + domain::percent_encode(options_.conversation) +
                         "/updates?delivery=" + domain::percent_encode(options_.delivery);
    if (!after_.empty()) target += "&after=" + domain::percent_encode(after_);
    if (const auto& seen = memory_.latest()) target += "&position=" + domain::percent_encode(seen->to_string());
    return target;
  }

  /// Watches through one node until the connection ends. Returns the close code or the HTTP status.
  int watch_once(const std::string& node) {
    client::WebSocketClient client;
    try {
      if (const auto no = client.open(client::Endpoint::parse(node), target(), options_.access.token)) {
        refused(no->status, no->body);
        return no->status;
      }
    } catch (const client::NetworkError& error) {
      complain(error.what());
      return 1006;
    }
    pause_ = milliseconds{100};
    while (!done()) {
      const auto next = client.next(std::chrono::seconds{60});
      if (next.event == client::WebSocketClient::Event::message) on_message(next.text);
      if (next.event == client::WebSocketClient::Event::closed) {
        complain(node + " closed the watch: " + std::to_string(next.close_code) + " " + for_terminal(next.text));
        return next.close_code;
      }
    }
    client.close();
    return 1000;
  }

  void on_message(const std::string& text) {
    const auto frame = json::parse(text, nullptr, false);
    if (!frame.is_object() || !frame.contains("payload")) return;
    follow(frame);
    std::puts(options_.pretty ? to_line(frame).c_str() : text.c_str());
    std::fflush(stdout);
  }

  /// Moves the cursor behind this frame.
  void follow(const json& frame) {
    const auto& payload = frame["payload"];
    if (payload.contains("cursor") && payload["cursor"].is_string()) {
      after_ = payload["cursor"].get<std::string>();
      epoch_ = after_.substr(0, after_.find(':'));
      return;
    }
    const auto seq = payload.contains("seq") ? payload.find("seq") : payload.find("toSeq");
    if (seq == payload.end() || !seq->is_number_unsigned()) return;
    after_ = (epoch_.empty() ? "" : epoch_ + ':') + std::to_string(seq->get<std::uint64_t>());
    ++seen_;
  }

  const WatchOptions& options_;
  const PositionMemory memory_{options_.access.position_file};
  std::size_t node_ = 0;
  std::string after_;
  std::string epoch_;
  std::uint64_t seen_ = 0;
  milliseconds pause_{100};
};

}  // namespace

int watch(const WatchOptions& options) { return Watching{options}.run(); }

}  // namespace danwa::tool
