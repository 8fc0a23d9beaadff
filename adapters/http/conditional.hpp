#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/message.hpp"
#include "domain/core/result.hpp"
#include "domain/core/time.hpp"

namespace danwa::adapters::http {

/// The entity tag of a version: `"3"`, quotes included.
std::string to_etag(std::uint64_t version);

/// The value of `If-Match` or `If-None-Match`: `*`, or a list of entity tags (RFC 9110 section 8.8.3).
class TagCondition {
 public:
  /// Returns nullopt if the request has no such header. A value that is neither makes `malformed` true.
  static std::optional<TagCondition> read(const Request& request, std::string_view name);

  bool malformed() const { return malformed_; }
  bool any() const { return any_; }

  /// True if one of the tags is `etag`, weak or not: our tags are versions, and proxies that compress make them weak.
  bool names(std::string_view etag) const;

 private:
  bool add_line(std::string_view line);

  std::vector<std::string> tags_;  // without `W/`
  bool any_ = false;
  bool malformed_ = false;
};

/// The version that a request selects, as far as preconditions need it.
struct Representation {
  std::optional<std::string> etag;
  std::optional<domain::Timestamp> modified_at;
};

/// The preconditions of a request (RFC 9110 section 13). They are evaluated last, when everything else would succeed:
/// after 401, 403, 404 and 422 (section 13.2.1). A deliberate deviation from section 13.1.1: `If-Match` compares
/// weakly, too.
class Preconditions {
 public:
  /// Errors: `if-match-invalid`, `if-none-match-invalid` (malformed). A GET or HEAD ignores a malformed
  /// `If-None-Match`, because it names no version that the client could have.
  static domain::Result<Preconditions> read(const Request& request);

  bool empty() const { return !match_ && !none_match_ && !unmodified_since_ && !modified_since_; }

  enum class Outcome {
    go_on,
    not_modified,  ///< of a GET or HEAD
    no_match,      ///< the selected version is not one of `If-Match`
    failed         ///< another precondition failed
  };

  /// Evaluates in the order of section 13.2.2. `selected` is nullopt if the resource does not exist. A date counts only
  /// if the time of the last change is known and no tag is given.
  Outcome evaluate(const std::optional<Representation>& selected) const;

 private:
  bool reads_ = false;  // GET or HEAD
  std::optional<TagCondition> match_;
  std::optional<TagCondition> none_match_;
  std::optional<domain::Timestamp> unmodified_since_;
  std::optional<domain::Timestamp> modified_since_;
};

/// True for a GET or HEAD that has a precondition: `apply_preconditions` then evaluates its answer.
bool is_conditional_read(const Request& request);

/// Turns the 200 of a conditional GET or HEAD into its answer: 304 with the same headers (section 15.4.5), 412, or the
/// 200 itself. Other answers stay as they are.
Response apply_preconditions(const domain::Result<Preconditions>& conditions, Response answer);

/// `precondition-failed` (kind precondition_failed).
domain::Errors precondition_failed();

}  // namespace danwa::adapters::http
