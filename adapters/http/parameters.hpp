#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace danwa::adapters::http {

struct Parameter {
  std::string_view name;  ///< as sent; compares without case
  std::string value;      ///< without the quotes and backslashes of a quoted string
};

/// Reads `*( OWS ";" OWS [ name "=" ( token / quoted-string ) ] )`, RFC 9110 section 5.6.6; no blank stands around
/// the equals sign, empty parameters are none. `list` is what follows the first semicolon, and outlives this.
///
///     while (const auto parameter = parameters.next()) ...
///     if (parameters.malformed()) ...
class Parameters {
 public:
  explicit Parameters(std::string_view list) : rest_{list} {}

  /// Nothing at the end, and from the first malformed one on.
  std::optional<Parameter> next();
  bool malformed() const { return malformed_; }

 private:
  std::string_view rest_;
  bool malformed_ = false;
};

}  // namespace danwa::adapters::http
