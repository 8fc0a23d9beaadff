#include "adapters/http/problem.hpp"

#include "adapters/protocol/http/fields.hpp"
#include "adapters/protocol/json/json_writer.hpp"

namespace danwa::adapters::http {
namespace {

int to_status(domain::ErrorKind kind) {
  switch (kind) {
    case domain::ErrorKind::malformed:
      return 400;
    case domain::ErrorKind::unauthenticated:
      return 401;
    case domain::ErrorKind::forbidden:
      return 403;
    case domain::ErrorKind::not_found:
      return 404;
    case domain::ErrorKind::conflict:
      return 409;
    case domain::ErrorKind::precondition_failed:
      return 412;
    case domain::ErrorKind::validation:
      return 422;
    case domain::ErrorKind::too_many:
      return 429;
    case domain::ErrorKind::unavailable:
      return 503;
    case domain::ErrorKind::internal:
      return 500;
  }
  return 500;
}

void append_error(std::string& out, const domain::DomainError& error) {
  ObjectWriter object{out};
  object.text("errorCode", error.code);
  object.text("resource", error.resource);
  object.text("message", error.message);
  object.end();
}

std::string to_body(int status, const domain::Errors& errors) {
  std::string out;
  ObjectWriter object{out};
  object.text("type", "urn:danwa:problem:" + errors.first().code);
  object.text("title", status_text(status));
  object.number("status", static_cast<std::uint64_t>(status));
  object.text("detail", errors.first().message);
  object.text("errorCode", errors.first().code);
  object.raw("errors", json_array(errors.all(), append_error));
  object.end();
  return out;
}

Response answer(int status, const domain::Errors& errors) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.headers.emplace_back("Cache-Control", "no-store");
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"danwa\"");
  if (status == 429 || status == 503) response.headers.emplace_back("Retry-After", "1");
  response.body = to_body(status, errors);
  return response;
}

}  // namespace

Response problem(const domain::Errors& errors) { return answer(to_status(errors.first().kind), errors); }

Response problem(int status, std::string_view code, std::string_view detail) {
  return answer(status, domain::DomainError{domain::ErrorKind::malformed, std::string{code}, "", std::string{detail}});
}

}  // namespace danwa::adapters::http
