#include "adapters/protocol/json/json_reader.hpp"
#include "adapters/rest/answers.hpp"
#include "adapters/rest/caller.hpp"
#include "adapters/rest/controllers.hpp"
#include "adapters/rest/resource_json.hpp"

namespace danwa::adapters {
namespace {

using domain::fail;
using domain::Result;
using http::Reply;
using http::Request;
using http::Response;
using usecase::Async;
using usecase::SendNotification;

/// Stands for a field that could not be read, whose error is reported already.
constexpr const char* kAcceptable = "-";

SendNotification::Recipient read_recipient(JsonFields& fields) {
  const auto to = fields.required_object("to");
  if (!to) return {.user = kAcceptable, .store = {}, .company = {}};
  JsonFields inside{*to};
  SendNotification::Recipient recipient{inside.optional_text("user"), inside.optional_text("store"),
                                        inside.optional_text("company")};
  fields.add_all(inside.errors());
  if (inside.errors()) return {.user = kAcceptable, .store = {}, .company = {}};
  return recipient;
}

Result<SendNotification::Input> read_send(const Request& request, const domain::CompanyId& company) {
  auto key = read_idempotency_key(request);
  if (!key) return fail(std::move(key).error());
  auto precondition = read_precondition(request);
  if (!precondition) return fail(std::move(precondition).error());
  const auto body = read_json_object(request.body);
  if (!body) return fail(body.error());
  JsonFields fields{*body};
  auto to = read_recipient(fields);
  auto text = fields.required_text("text").value_or(kAcceptable);
  SendNotification::Input input{std::move(to), std::move(text), std::move(*key), std::move(*precondition)};
  if (!fields.errors()) return input;
  domain::Errors errors = *fields.errors();
  if (auto values = SendNotification::parse(std::move(input), company); !values) {
    errors.add(std::move(values).error());
  }
  return fail(std::move(errors));
}

}  // namespace

Async<Reply> NotificationsController::send(Request request) const {
  const auto& who = caller_of(request);
  auto input = read_send(request, who.company);
  if (!input) co_return failure(input.error());
  const auto sent = co_await needs_.use.send_notification.execute(std::move(*input), who);
  if (!sent) co_return failure(sent.error());
  Response answer = json_answer(201, to_json(sent->notification), sent->position);
  if (sent->replayed) answer.headers.emplace_back("Idempotency-Replayed", "true");
  co_return answer;
}

}  // namespace danwa::adapters
