// A chunked body: the result does not depend on the pieces, and is never longer than allowed.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/protocol/http/request_guard.hpp"

namespace {

namespace http = danwa::adapters::http;

std::string decode(std::string_view bytes, std::size_t piece) {
  http::ChunkedDecoder decoder{http::ReadLimits{}, 200};
  std::string body;
  std::size_t used = 0;
  for (std::size_t at = 0; at < bytes.size() && !decoder.done() && !decoder.refusal(); at += piece) {
    used += decoder.feed(bytes.substr(at, piece), body);
  }
  if (body.size() > 200) std::abort();
  const int status = decoder.refusal() ? decoder.refusal()->status : 0;
  return body + '|' + std::to_string(status) + (decoder.done() ? "|done at " + std::to_string(used) : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  if (decode(bytes, 1) != decode(bytes, size + 1)) std::abort();
  return 0;
}
