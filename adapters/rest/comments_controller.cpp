#include "adapters/http/conditional.hpp"
#include "adapters/protocol/http/fields.hpp"
#include "adapters/protocol/json/json_reader.hpp"
#include "adapters/rest/answers.hpp"
#include "adapters/rest/caller.hpp"
#include "adapters/rest/controllers.hpp"
#include "adapters/rest/query.hpp"
#include "adapters/rest/resource_json.hpp"
#include "domain/comment/decisions.hpp"

// Each function is one endpoint and does the same steps: parse the input with all of its errors, call one use case,
// translate the result into headers and JSON. Reads wait for their turn (ReadTurns), writes do not: the queue of the
// database bounds them.

namespace danwa::adapters {
namespace {

using domain::fail;
using domain::Result;
using http::Reply;
using http::Request;
using http::Response;
using usecase::Async;

Response comment_answer(int status, const domain::Comment& comment, const std::optional<domain::Position>& position) {
  Response answer = json_answer(status, to_json(comment), position);
  answer.headers.emplace_back("ETag", http::to_etag(comment.version));
  answer.headers.emplace_back("Last-Modified", http::to_http_date(comment.updated_at));
  return answer;
}

/// An id that cannot exist gets the same error as one that does not exist.
Result<domain::CommentId> parse_id(std::string_view text) {
  const auto uuid = domain::Uuid::parse(text);
  if (!uuid) return fail(domain::comment_not_found());
  return domain::CommentId{*uuid};
}

/// Adds the value errors of the readable fields. An unreadable field has an error already and is replaced by a valid
/// value.
void add_value_errors(domain::Errors& errors, const domain::CommentFactory& factory,
                      domain::CommentFactory::Draft draft, const domain::Credential& who) {
  auto made = factory.create(std::move(draft), domain::CommentId{}, who.company, who.user, domain::Timestamp{});
  if (!made) errors.add(std::move(made).error());
}

}  // namespace

Result<usecase::SendComment::Input> CommentsController::read_send(const Request& request,
                                                                  const domain::Credential& who) const {
  auto key = read_idempotency_key(request);
  if (!key) return fail(std::move(key).error());
  auto precondition = read_precondition(request);
  if (!precondition) return fail(std::move(precondition).error());
  const auto body = read_json_object(request.body);
  if (!body) return fail(body.error());
  JsonFields fields{*body};
  constexpr const char* kAcceptable = "-";
  domain::CommentFactory::Draft draft{fields.required_text("content").value_or(kAcceptable),
                                      fields.required_text("conversationKey").value_or(kAcceptable),
                                      fields.optional_text("clientRef")};
  if (!fields.errors()) return usecase::SendComment::Input{std::move(draft), std::move(*key), std::move(*precondition)};
  domain::Errors errors = *fields.errors();
  add_value_errors(errors, needs_.use.factory, std::move(draft), who);
  return fail(std::move(errors));
}

Async<Reply> CommentsController::send(Request request) const {
  const auto& who = caller_of(request);
  auto input = read_send(request, who);
  if (!input) co_return failure(input.error());
  auto sent = co_await needs_.use.send_comment.execute(std::move(*input), who);
  if (!sent) co_return failure(sent.error());
  Response answer = comment_answer(201, sent->comment, sent->position);
  answer.headers.emplace_back("Location", "/v1/comments/" + sent->comment.id.to_string());
  if (sent->replayed) {
    answer.headers.emplace_back("Idempotency-Replayed", "true");
  } else {
    needs_.metrics.comments_sent.add();
  }
  co_return answer;
}

Async<Reply> CommentsController::show(Request request, std::string id) const {
  const auto& who = caller_of(request);
  Query query{request};
  const auto seen = query.position();
  if (query.errors()) co_return failure(*query.errors());
  const auto comment_id = parse_id(id);
  if (!comment_id) co_return failure(comment_id.error());
  auto read = needs_.use.get_comment.execute(*comment_id, who);
  const auto comment = co_await needs_.use.turns.in_turn(who, request.cancellation, std::move(read));
  if (!comment) co_return failure(comment.error());
  co_return comment_answer(200, *comment, co_await attach_position(needs_.use.read_position, seen));
}

Result<usecase::EditComment::Input> CommentsController::read_edit(const Request& request, std::string_view id) const {
  const auto comment_id = parse_id(id);
  if (!comment_id) return fail(comment_id.error());
  auto precondition = read_precondition(request);
  if (!precondition) return fail(std::move(precondition).error());
  const auto body = read_json_object(request.body);
  if (!body) return fail(body.error());
  JsonFields fields{*body};
  auto content = fields.required_text("content");
  const bool redact = fields.optional_flag("redact");
  if (fields.errors()) return fail(*fields.errors());
  return usecase::EditComment::Input{*comment_id, std::move(*content), std::nullopt, redact, std::move(*precondition)};
}

Async<Reply> CommentsController::edit(Request request, std::string id) const {
  const auto& who = caller_of(request);
  auto input = read_edit(request, id);
  if (!input) co_return failure(input.error());
  const auto edited = co_await needs_.use.edit_comment.execute(std::move(*input), who);
  if (!edited) co_return failure(edited.error());
  co_return comment_answer(200, edited->comment, edited->position);
}

Async<Reply> CommentsController::remove(Request request, std::string id) const {
  const auto& who = caller_of(request);
  const auto comment_id = parse_id(id);
  if (!comment_id) co_return failure(comment_id.error());
  auto precondition = read_precondition(request);
  if (!precondition) co_return failure(precondition.error());
  usecase::RemoveComment::Input input{*comment_id, std::nullopt, std::move(*precondition)};
  const auto removed = co_await needs_.use.remove_comment.execute(std::move(input), who);
  if (!removed) co_return failure(removed.error());
  co_return no_content(removed->position);
}

}  // namespace danwa::adapters
