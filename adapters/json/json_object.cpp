#include "adapters/json/json_object.hpp"

#include "adapters/json/json_scanner.hpp"
#include "domain/core/utf8.hpp"

namespace danwa::adapters {
namespace {

using domain::DomainError;
using domain::ErrorKind;

domain::Errors invalid_json(std::size_t offset, const std::string& reason) {
  return DomainError{ErrorKind::malformed, "invalid_json", "body",
                     "The body is not acceptable JSON at byte " + std::to_string(offset) + ": " + reason + "."};
}

/// Offset of the first byte that is no part of a well-formed sequence.
std::size_t first_bad_byte(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t length = 1;
    while (length <= 4 && !domain::count_code_points(text.substr(at, length))) ++length;
    if (length > 4) break;
    at += length;
  }
  return at;
}

domain::Errors field_error(std::string_view name, std::string_view code, std::string_view message) {
  const std::string field{name};
  return domain::validation_error(field + "-" + std::string{code}, field, field + " " + std::string{message});
}

}  // namespace

domain::Result<JsonObject> read_json_object(std::string_view body, const JsonLimits& limits) {
  if (body.size() > limits.max_bytes) {
    return domain::fail(invalid_json(limits.max_bytes, "it is longer than allowed"));
  }
  if (body.substr(0, 3) == "\xEF\xBB\xBF") return domain::fail(invalid_json(0, "a byte order mark is not allowed"));
  if (!domain::count_code_points(body)) return domain::fail(invalid_json(first_bad_byte(body), "invalid UTF-8"));
  JsonScanner scanner{body, limits.max_depth};
  std::vector<JsonMember> members;
  if (!scanner.scan_document(members)) return domain::fail(invalid_json(scanner.offset(), scanner.message()));
  return JsonObject{std::move(members)};
}

const JsonMember* JsonFields::required(std::string_view name) {
  const JsonMember* member = object_.find(name);
  if (!member) add(field_error(name, "missing", "is missing."));
  return member;
}

std::optional<std::string> JsonFields::required_text(std::string_view name) {
  const JsonMember* member = required(name);
  if (!member) return std::nullopt;
  if (member->kind == JsonKind::string) return member->text;
  add(field_error(name, "wrong-type", "must be a string."));
  return std::nullopt;
}

std::optional<std::string> JsonFields::optional_text(std::string_view name) {
  const JsonMember* member = object_.find(name);
  if (!member || member->kind == JsonKind::null) return std::nullopt;
  return required_text(name);
}

bool JsonFields::optional_flag(std::string_view name) {
  const JsonMember* member = object_.find(name);
  if (!member || member->kind == JsonKind::null) return false;
  if (member->kind != JsonKind::boolean) add(field_error(name, "wrong-type", "must be true or false."));
  return member->text == "true";
}

std::optional<std::optional<std::string>> JsonFields::nullable_text(std::string_view name) {
  const JsonMember* member = object_.find(name);
  if (!member) return std::nullopt;
  if (member->kind == JsonKind::null) return std::optional<std::string>{};
  auto text = required_text(name);
  if (!text) return std::nullopt;
  return text;
}

std::optional<JsonObject> JsonFields::required_object(std::string_view name) {
  const JsonMember* member = required(name);
  if (!member) return std::nullopt;
  if (member->kind != JsonKind::object) {
    add(field_error(name, "wrong-type", "must be an object."));
    return std::nullopt;
  }
  auto read = read_json_object(member->text);
  if (read) return std::move(*read);
  add(std::move(read).error());
  return std::nullopt;
}

void JsonFields::add(domain::Errors error) {
  if (errors_) {
    errors_->add(std::move(error));
  } else {
    errors_ = std::move(error);
  }
}

}  // namespace danwa::adapters
