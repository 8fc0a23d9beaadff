#include "domain/core/bounded_text.hpp"

#include "domain/core/utf8.hpp"

namespace danwa::domain {

Result<std::string> parse_text(std::string text, const TextRules& rules) {
  const std::string field{rules.resource};
  const auto length = count_code_points(text);
  if (!length) return fail(validation_error(field + "-invalid-utf8", field, field + " is not valid UTF-8."));
  if (*length == 0) return fail(validation_error(field + "-empty", field, field + " must not be empty."));
  if (*length > rules.max) {
    return fail(validation_error(field + "-too-long", field,
                                 field + " has " + std::to_string(*length) + " code points; at most " +
                                     std::to_string(rules.max) + " are allowed."));
  }
  const bool has_nul = text.find('\0') != std::string::npos;
  if (has_nul || (!rules.allow_controls && has_control_character(text))) {
    return fail(validation_error(field + "-control-character", field,
                                 field + " holds a control character that is not allowed."));
  }
  return text;
}

}  // namespace danwa::domain
