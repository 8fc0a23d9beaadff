#include "adapters/controllers/presence_controller.hpp"

#include "adapters/controllers/answers.hpp"
#include "adapters/controllers/caller.hpp"
#include "adapters/controllers/query.hpp"
#include "adapters/json/json_text.hpp"

namespace danwa::adapters {
namespace {

/// `{conversationKey, count, users}`, and `next` (for `after=`) if there are more.
std::string to_json(const usecase::GetPresence::Output& output) {
  std::string out = R"({"conversationKey":)";
  append_json_string(out, output.conversation.value());
  out += R"(,"count":)" + std::to_string(output.page.count) + R"(,"users":[)";
  bool first = true;
  for (const auto& user : output.page.users) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, user.value());
  }
  out += ']';
  if (output.page.more) {
    out += R"(,"next":)";
    append_json_string(out, output.page.users.back().value());
  }
  return out + '}';
}

}  // namespace

usecase::Async<http::Reply> PresenceController::show(http::Request request, std::string key) const {
  auto who = identify(request, needs_.tokens);
  if (!who) co_return failure(who.error());
  Query query{request};
  usecase::GetPresence::Input input{std::move(key), query.user("after"),
                                    query.limit(100, usecase::GetPresence::kMaxLimit)};
  static_cast<void>(query.position());  // presence is not part of the log; the value is checked all the same
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.rooms.presence.execute(std::move(input), *who);
  const auto found = co_await needs_.turns.in_turn(*who, request.hurry, std::move(read));
  if (!found) co_return failure(found.error());
  co_return json_answer(200, to_json(*found));
}

}  // namespace danwa::adapters
