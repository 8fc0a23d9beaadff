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

void append_member(std::string& out, std::string_view name, std::string_view value) {
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

void append_error(std::string& out, const domain::DomainError& error) {
  out += '{';
  append_member(out, "errorCode", error.code);
  out += ',';
  append_member(out, "resource", error.resource);
  out += ',';
  append_member(out, "message", error.message);
  out += '}';
}

std::string to_body(int status, const domain::Errors& errors) {
  std::string out = "{";
  append_member(out, "type", "urn:danwa:problem:" + errors.first().code);
  out += ',';
  append_member(out, "title", status_text(status));
  out += ",\"status\":" + std::to_string(status) + ',';
  append_member(out, "detail", errors.first().message);
  out += ',';
  append_member(out, "errorCode", errors.first().code);
  out += ",\"errors\":[";
  for (const auto& error : errors.all()) {
    if (&error != &errors.first()) out += ',';
    append_error(out, error);
  }
  out += "]}";
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
