#include "adapters/http/conditional.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/http/problem.hpp"
#include "adapters/protocol/http/fields.hpp"

// Conditional requests (RFC 9110): an edit names the version that it was made from, so it cannot overwrite a newer one,
// and a read names the versions that the client has, so they are not sent again. A version is an entity tag.
// TagCondition reads the tags of a request; Preconditions evaluates all conditions in the order of the standard,
// `If-Match` first. Tags compare weakly, against the standard for `If-Match`: our tags are versions, and a proxy that
// compresses an answer makes its tag weak. A date is used only where no tag is given.

namespace danwa::adapters::http {
namespace {

std::string_view without_weakness(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

/// A character of an entity tag (`etagc`): visible, except the quote. A backslash has no special meaning, unlike in a
/// quoted string.
bool is_tag_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

}  // namespace

std::string to_etag(std::uint64_t version) { return '"' + std::to_string(version) + '"'; }

std::optional<TagCondition> TagCondition::read(const Request& request, std::string_view name) {
  std::optional<TagCondition> condition;
  for (const auto& [header, value] : request.headers) {
    if (header != name) continue;
    if (!condition) condition.emplace();
    if (!condition->add_line(value)) condition->malformed_ = true;
  }
  if (condition && condition->any_ == !condition->tags_.empty()) condition->malformed_ = true;
  return condition;
}

/// Skips empty elements of the list (RFC 9110 section 5.6.1.2).
bool TagCondition::add_line(std::string_view line) {
  if (trim(line) == "*") return !std::exchange(any_, true);
  for (line = trim(line); !line.empty(); line = trim(line)) {
    if (line.front() == ',') {
      line.remove_prefix(1);
      continue;
    }
    line = without_weakness(line);
    const auto end = line.find('"', 1);
    if (line.empty() || line.front() != '"' || end == std::string_view::npos) return false;
    const auto tag = line.substr(0, end + 1);
    if (!std::all_of(tag.begin() + 1, tag.end() - 1, is_tag_char)) return false;
    tags_.emplace_back(tag);
    line = trim(line.substr(end + 1));
    if (!line.empty() && line.front() != ',') return false;
  }
  return true;
}

bool TagCondition::names(std::string_view etag) const {
  return std::find(tags_.begin(), tags_.end(), without_weakness(etag)) != tags_.end();
}

namespace {

constexpr std::array<std::string_view, 4> kFields{"if-match", "if-none-match", "if-unmodified-since",
                                                  "if-modified-since"};

domain::Errors tags_invalid(std::string code, std::string name) {
  auto message = name + " must be `*` or a list of entity tags, each in quotes.";
  return domain::DomainError{domain::ErrorKind::malformed, std::move(code), std::move(name), std::move(message)};
}

bool is_read(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

/// True if `changed` is later than `date`. An HTTP date has whole seconds, so fractions are dropped.
bool is_later(domain::Timestamp changed, domain::Timestamp date) {
  return std::chrono::floor<std::chrono::seconds>(changed) > date;
}

std::optional<domain::Timestamp> date_of(const Request& request, std::string_view name) {
  if (request.count_header(name) != 1) return std::nullopt;
  return parse_http_date(*request.header(name));
}

bool matches(const TagCondition& condition, const std::optional<Representation>& selected) {
  if (condition.any()) return selected.has_value();
  return selected && selected->etag && condition.names(*selected->etag);
}

Representation representation_of(const Response& answer) {
  Representation selected;
  if (const auto* etag = answer.header("ETag")) selected.etag = *etag;
  if (const auto* date = answer.header("Last-Modified")) selected.modified_at = parse_http_date(*date);
  return selected;
}

}  // namespace

domain::Result<Preconditions> Preconditions::read(const Request& request) {
  Preconditions conditions;
  conditions.reads_ = is_read(request);
  conditions.match_ = TagCondition::read(request, "if-match");
  conditions.none_match_ = TagCondition::read(request, "if-none-match");
  if (conditions.match_ && conditions.match_->malformed()) {
    return domain::fail(tags_invalid("if-match-invalid", "If-Match"));
  }
  if (conditions.none_match_ && conditions.none_match_->malformed()) {
    if (!conditions.reads_) return domain::fail(tags_invalid("if-none-match-invalid", "If-None-Match"));
    conditions.none_match_.reset();
  }
  conditions.unmodified_since_ = date_of(request, "if-unmodified-since");
  if (conditions.reads_) conditions.modified_since_ = date_of(request, "if-modified-since");
  return conditions;
}

Preconditions::Outcome Preconditions::evaluate(const std::optional<Representation>& selected) const {
  const auto* changed = selected && selected->modified_at ? &*selected->modified_at : nullptr;
  if (match_) {
    if (!matches(*match_, selected)) return Outcome::no_match;
  } else if (unmodified_since_ && changed != nullptr && is_later(*changed, *unmodified_since_)) {
    return Outcome::failed;
  }
  if (none_match_) {
    if (matches(*none_match_, selected)) return reads_ ? Outcome::not_modified : Outcome::failed;
  } else if (modified_since_ && changed != nullptr && !is_later(*changed, *modified_since_)) {
    return Outcome::not_modified;
  }
  return Outcome::go_on;
}

bool is_conditional_read(const Request& request) {
  return is_read(request) && std::any_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           return std::find(kFields.begin(), kFields.end(), header.first) != kFields.end();
         });
}

Response apply_preconditions(const domain::Result<Preconditions>& conditions, Response answer) {
  if (answer.status != 200) return answer;
  if (!conditions) return problem(conditions.error());
  switch (conditions->evaluate(representation_of(answer))) {
    case Preconditions::Outcome::go_on:
      break;
    case Preconditions::Outcome::no_match:
    case Preconditions::Outcome::failed:
      return problem(precondition_failed());
    case Preconditions::Outcome::not_modified:
      answer.status = 304;
      answer.content_type.clear();
      answer.body.clear();
      break;
  }
  return answer;
}

domain::Errors precondition_failed() {
  return domain::DomainError{domain::ErrorKind::precondition_failed, "precondition-failed", "",
                             "What the request depends on is not so."};
}

}  // namespace danwa::adapters::http
