#include "infra/client/http_wire.hpp"

#include <algorithm>
#include <charconv>

#include "domain/core/percent.hpp"

namespace danwa::infra {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::size_t> to_number(std::string_view text, int base) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Walks the chunks at the start of `text`: their joined data, and in `size` what they take.
Parsed walk_chunks(std::string_view text, std::string* data, std::size_t& size) {
  std::size_t at = 0;
  for (;;) {
    const auto line = text.find(kLineEnd, at);
    if (line == std::string_view::npos) return Parsed::incomplete;
    const auto length = to_number(text.substr(at, line - at), 16);
    if (!length) return Parsed::broken;
    at = line + kLineEnd.size();
    if (text.size() - at < *length + kLineEnd.size()) return Parsed::incomplete;
    if (text.substr(at + *length, 2) != kLineEnd) return Parsed::broken;
    if (data != nullptr) data->append(text.substr(at, *length));
    at += *length + kLineEnd.size();
    if (*length == 0) break;
  }
  size = at;
  return Parsed::complete;
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::optional<std::string_view> HttpAnswer::header(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(kLineEnd), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + kLineEnd.size(), rest.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !same_name(line.substr(0, colon), name)) continue;
    auto value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return value;
  }
  return std::nullopt;
}

Parsed parse_answer(std::string_view buffer, HttpAnswer& answer) {
  const auto head_end = buffer.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return buffer.size() > 65536 ? Parsed::broken : Parsed::incomplete;
  const auto line_end = buffer.find(kLineEnd);
  const auto status = buffer.size() >= 12 ? to_number(buffer.substr(9, 3), 10) : std::nullopt;
  if (!buffer.starts_with("HTTP/1.") || !status) return Parsed::broken;
  answer.status = static_cast<int>(*status);
  answer.head = line_end == head_end ? std::string_view{} : buffer.substr(line_end + 2, head_end - line_end - 2);
  const auto rest = buffer.substr(head_end + 4);
  std::size_t length = 0;
  if (!has_no_body(answer.status)) {
    if (const auto coding = answer.header("transfer-encoding"); coding) {
      const auto walked = walk_chunks(rest, nullptr, length);
      if (walked != Parsed::complete) return walked;
    } else if (const auto text = answer.header("content-length"); text) {
      const auto number = to_number(*text, 10);
      if (!number) return Parsed::broken;
      length = *number;
    }
  }
  if (rest.size() < length) return Parsed::incomplete;
  answer.body = rest.substr(0, length);
  answer.size = head_end + 4 + length;
  return Parsed::complete;
}

std::optional<std::string> join_chunks(std::string_view chunks) {
  std::string data;
  std::size_t size = 0;
  if (walk_chunks(chunks, &data, size) != Parsed::complete) return std::nullopt;
  return data;
}

std::string to_wire(const HttpRequest& request, std::string_view host) {
  std::string out = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: ";
  out += host;
  if (!request.token.empty()) out += "\r\nAuthorization: Bearer " + request.token;
  for (const auto& [name, value] : request.headers) out += "\r\n" + name + ": " + value;
  if (!request.body.empty()) {
    out += "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(request.body.size());
  }
  out += "\r\n\r\n";
  return out + request.body;
}

std::string encode_segment(std::string_view text) { return domain::percent_encode(text); }

}  // namespace danwa::infra
