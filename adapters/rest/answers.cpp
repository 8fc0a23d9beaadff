#include "adapters/rest/answers.hpp"

#include "adapters/http/problem.hpp"

namespace danwa::adapters {
namespace {

http::Response unstored(http::Response response) {
  response.add_if_absent("Cache-Control", "no-store");
  response.add_if_absent("Vary", "Accept");
  return response;
}

}  // namespace

http::Response json_answer(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return unstored(std::move(response));
}

void add_position(http::Response& answer, const std::optional<domain::Position>& position) {
  if (position) answer.headers.emplace_back("Danwa-Position", position->to_string());
}

http::Response failure(const domain::Errors& errors) { return unstored(http::problem(errors)); }

}  // namespace danwa::adapters
