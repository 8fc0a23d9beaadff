#include "adapters/controllers/rooms_controller.hpp"

#include "adapters/controllers/answers.hpp"
#include "adapters/controllers/caller.hpp"
#include "adapters/controllers/preconditions.hpp"
#include "adapters/controllers/query.hpp"
#include "adapters/controllers/told_position.hpp"
#include "adapters/json/json_object.hpp"
#include "adapters/json/room_json.hpp"

// Endpoints of a conversation, its settings and its members. Each function checks the caller, parses the input, calls
// one use case, and translates the result. A PUT answers 201 if it has created or added something, and 200 if it was so
// before. A DELETE answers 204 in both cases.

namespace danwa::adapters {
namespace {

using domain::fail;
using domain::Result;
using http::Reply;
using http::Request;
using http::Response;
using usecase::Async;
using usecase::ConfigureConversation;

Result<ConfigureConversation::Input> read_settings(const Request& request, std::string key) {
  auto precondition = read_precondition(request);
  if (!precondition) return fail(std::move(precondition).error());
  const auto body = read_json_object(request.body);
  if (!body) return fail(body.error());
  JsonFields fields{*body};
  auto title = fields.nullable_text("title");
  auto visibility = fields.optional_text("visibility");
  ConfigureConversation::Input input{std::move(key), std::move(title), std::move(visibility), std::move(*precondition)};
  if (!fields.errors()) return input;
  domain::Errors errors = *fields.errors();
  if (auto values = ConfigureConversation::parse(std::move(input)); !values) errors.add(std::move(values).error());
  return fail(std::move(errors));
}

}  // namespace

Async<Reply> RoomsController::show(Request request, std::string key) const {
  auto who = identify(request, needs_.tokens);
  if (!who) co_return failure(who.error());
  Query query{request};
  const auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.rooms.get.execute(std::move(key), *who);
  const auto view = co_await needs_.turns.in_turn(*who, request.hurry, std::move(read));
  if (!view) co_return failure(view.error());
  Response answer = json_answer(200, to_json(*view));
  add_position(answer, co_await tell_position(needs_.read_position, seen));
  co_return answer;
}

Async<Reply> RoomsController::configure(Request request, std::string key) const {
  auto who = identify_writer(request, needs_.tokens);
  if (!who) co_return failure(who.error());
  auto input = read_settings(request, std::move(key));
  if (!input) co_return failure(input.error());
  const auto done = co_await needs_.rooms.configure.execute(std::move(*input), std::move(*who));
  if (!done) co_return failure(done.error());
  Response answer = json_answer(done->created ? 201 : 200, to_json(done->view));
  add_position(answer, done->position);
  co_return answer;
}

Async<Reply> RoomsController::members(Request request, std::string key) const {
  auto who = identify(request, needs_.tokens);
  if (!who) co_return failure(who.error());
  Query query{request};
  usecase::ListMembers::Input input{std::move(key), query.user("after"),
                                    query.limit(100, usecase::ListMembers::kMaxLimit)};
  const auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  auto read = needs_.rooms.members.execute(std::move(input), *who);
  const auto found = co_await needs_.turns.in_turn(*who, request.hurry, std::move(read));
  if (!found) co_return failure(found.error());
  Response answer = json_answer(200, to_json(*found));
  add_position(answer, co_await tell_position(needs_.read_position, seen));
  co_return answer;
}

Async<Reply> RoomsController::join(Request request, std::string key, std::string user) const {
  auto who = identify_writer(request, needs_.tokens);
  if (!who) co_return failure(who.error());
  auto precondition = read_precondition(request);
  if (!precondition) co_return failure(precondition.error());
  usecase::JoinConversation::Input input{key, std::move(user), std::move(*precondition)};
  const auto done = co_await needs_.rooms.join.execute(std::move(input), std::move(*who));
  if (!done) co_return failure(done.error());
  Response answer = json_answer(done->joined ? 201 : 200, to_json(done->member, key));
  add_position(answer, done->position);
  co_return answer;
}

Async<Reply> RoomsController::leave(Request request, std::string key, std::string user) const {
  auto who = identify_writer(request, needs_.tokens);
  if (!who) co_return failure(who.error());
  auto precondition = read_precondition(request);
  if (!precondition) co_return failure(precondition.error());
  usecase::LeaveConversation::Input input{std::move(key), std::move(user), std::move(*precondition)};
  const auto left = co_await needs_.rooms.leave.execute(std::move(input), std::move(*who));
  if (!left) co_return failure(left.error());
  Response answer;
  answer.status = 204;
  answer.headers.emplace_back("Cache-Control", "no-store");
  add_position(answer, left->position);
  co_return answer;
}

}  // namespace danwa::adapters
