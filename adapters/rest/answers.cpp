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

void add_position(http::Response& answer, const std::optional<domain::Position>& position) {
  if (position) answer.headers.emplace_back("Danwa-Position", position->to_string());
}

http::Response json_answer(int status, std::string body, const std::optional<domain::Position>& position) {
  http::Response answer;
  answer.status = status;
  answer.content_type = "application/json";
  answer.body = std::move(body);
  answer = unstored(std::move(answer));
  add_position(answer, position);
  return answer;
}

http::Response no_content(const domain::Position& position) {
  http::Response answer;
  answer.status = 204;
  answer.headers.emplace_back("Cache-Control", "no-store");
  add_position(answer, position);
  return answer;
}

http::Response failure(const domain::Errors& errors) { return unstored(http::problem(errors)); }

}  // namespace danwa::adapters
