// Bytes of a connection through guard, head, URL, body and router: whatever they are and however they are
// cut, the same requests come out, and what comes out keeps its promises.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "adapters/http/bearer.hpp"
#include "adapters/http/conditional.hpp"
#include "adapters/http/negotiation.hpp"
#include "adapters/http/request_reader.hpp"
#include "adapters/http/router.hpp"
#include "domain/core/text.hpp"

namespace {

namespace http = danwa::adapters::http;
using State = http::RequestReader::State;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::array<std::string_view, 2> kOffered{"application/json", "text/event-stream"};

void check_text(const std::string& text) { require(danwa::domain::count_code_points(text).has_value()); }

void check(const http::Request& request) {
  for (const auto& segment : request.segments) {
    check_text(segment);
    require(!danwa::domain::has_control_character(segment));
  }
  for (const auto& [name, value] : request.query) {
    check_text(name);
    check_text(value);
  }
  require((request.target.front() == '/' || request.asks_for_server()) &&
          request.target.size() <= http::ReadLimits{}.max_target);
  require(request.body.size() <= http::ReadLimits{}.max_body);
  require(request.count_header("host") <= 1);
  (void)http::bearer_token(request);
  (void)http::choose_media_type(request, kOffered);
  (void)http::Preconditions::read(request);
  (void)http::offers_subprotocol(request);
  static const http::Router router;
  http::Request head = request;
  require(router.refuse_early(head, std::nullopt).has_value());
}

/// One line for every request, then why it ended.
std::string read_all(std::string_view bytes, std::size_t piece) {
  http::RequestReader reader{http::ReadLimits{}};
  std::string events;
  std::string waiting;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    waiting += bytes.substr(at, piece);
    for (bool moved = true; moved;) {
      const auto used = reader.feed(waiting);
      waiting.erase(0, used);
      moved = used > 0;
      if (reader.state() == State::head_read) reader.read_body(http::ReadLimits{}.max_body);
      if (reader.state() == State::refused) return events + "refused";
      if (reader.state() != State::done) continue;
      const bool sound = !reader.head().refusal;
      const auto request = reader.take();
      if (sound) check(request);
      events += request.method + ' ' + request.target + ' ' + request.body + '\n';
      reader.restart();
      moved = true;
    }
  }
  return events + (reader.begun() ? "cut" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  const auto whole = read_all(bytes, size + 1);
  require(read_all(bytes, 1 + size % 7) == whole);
  return 0;
}
