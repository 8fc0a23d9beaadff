#include <cstdio>
#include <deque>
#include <iostream>

#include "app/danwa/requests.hpp"
#include "domain/core/text.hpp"

namespace danwa::tool {
namespace {

/// Reads as many pages as the limit needs. A page may end before its limit, because its text is bounded, too.
class Pages {
 public:
  explicit Pages(const HistoryOptions& options) : options_{options}, before_{options.before}, after_{options.after} {}

  /// Reads the comments into `found`, oldest first. False: a node refused, and `status` and `body` have its answer.
  bool read_all() {
    while (found.size() < options_.limit) {
      const auto reply = ask(options_.access, {.target = target()});
      status = reply.status;
      body = reply.body;
      if (status != 200) return false;
      const auto page = nlohmann::json::parse(body, nullptr, false);
      if (!page.is_object() || !page.contains("comments") || !page["comments"].is_array()) return false;
      const char* further = take(page["comments"]);
      if (!page.contains(further) || !page[further].is_number_unsigned() || page["comments"].empty()) break;
      (options_.after ? after_ : before_) = page[further].get<std::uint64_t>();
    }
    return true;
  }

  std::deque<nlohmann::json> found;
  int status = 0;
  std::string body;

 private:
  std::string target() const {
    std::string text = "/v1/conversations/" + domain::percent_encode(options_.conversation) +
                       "/comments?limit=" + std::to_string(options_.limit - found.size());
    if (before_) text += "&before=" + std::to_string(*before_);
    if (after_) text += "&after=" + std::to_string(*after_);
    return text;
  }

  /// Adds the comments. Returns the name of the link to the next page in this direction.
  const char* take(const nlohmann::json& comments) {
    found.insert(options_.after ? found.end() : found.begin(), comments.begin(), comments.end());
    return options_.after ? "next" : "prev";
  }

  const HistoryOptions& options_;
  std::optional<std::uint64_t> before_;
  std::optional<std::uint64_t> after_;
};

}  // namespace

int history(const HistoryOptions& options) {
  Pages pages{options};
  if (!pages.read_all()) {
    if (pages.status != 200) return refused(pages.status, pages.body);
    complain("the answer is no page of comments");
    return kUnreachable;
  }
  for (const auto& comment : pages.found) {
    std::puts(options.pretty ? to_line(comment).c_str() : comment.dump().c_str());
  }
  return kOk;
}

namespace {

int send_one(const SendOptions& options, const std::string& text) {
  nlohmann::json body{{"content", text}, {"conversationKey", options.conversation}};
  if (!options.client_ref.empty()) body["clientRef"] = options.client_ref;
  client::HttpRequest request{.method = "POST",
                              .target = "/v1/comments",
                              .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
  if (!options.idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", options.idempotency_key);
  const auto reply = ask(options.access, std::move(request));
  if (reply.status != 201) return refused(reply.status, reply.body);
  std::puts(reply.body.c_str());
  return kOk;
}

}  // namespace

int send(const SendOptions& options) {
  if (options.text != "-") return send_one(options, options.text);
  std::string line;
  while (std::getline(std::cin, line)) {
    if (const int ended = send_one(options, line); ended != kOk) return ended;
  }
  return kOk;
}

}  // namespace danwa::tool
