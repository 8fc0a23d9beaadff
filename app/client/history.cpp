#include <cstdio>

#include "app/client/asking.hpp"

namespace danwa::app::client {

int history(const HistoryOptions& options) {
  std::string target = "/v1/conversations/" + infra::encode_segment(options.conversation) +
                       "/comments?limit=" + std::to_string(options.limit);
  if (options.before) target += "&before=" + std::to_string(*options.before);
  if (options.after) target += "&after=" + std::to_string(*options.after);
  const auto reply = ask(options.access, {.method = "GET", .target = target, .token = {}, .headers = {}, .body = {}});
  if (reply.status != 200) return refused(reply.status, reply.body);
  const auto page = nlohmann::json::parse(reply.body, nullptr, false);
  if (!page.is_object() || !page.contains("comments")) {
    std::fprintf(stderr, "danwa: the answer is no page of comments\n");
    return kUnreachable;
  }
  for (const auto& comment : page["comments"]) {
    std::puts(options.pretty ? to_line(comment).c_str() : comment.dump().c_str());
  }
  return kOk;
}

}  // namespace danwa::app::client
