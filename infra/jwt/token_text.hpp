#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "domain/account/credential.hpp"
#include "domain/core/time.hpp"
#include "infra/jwt/algorithm.hpp"

namespace danwa::infra {

/// The reason for which a token is refused, for the log: a fixed text, never a part of the token.
using Refusal = std::string_view;

/// The three parts of a compact JWS (RFC 7515 section 7.1), decoded and not verified.
struct TokenText {
  static constexpr std::size_t kMax = 8192;  ///< bytes of the whole token

  std::string header;
  std::string payload;
  std::string signature;
  std::string_view signed_part;  ///< points into the text that was split

  static tl::expected<TokenText, Refusal> split(std::string_view token);
};

/// Checks the header: `alg` must be `algorithm`, no `crit`, no `b64`, `typ` absent, `JWT` or `at+jwt` (RFC 9068), in
/// any case and with or without `application/` in front (RFC 7515 section 4.1.9).
/// Returns its `kid`. Keys named or embedded there (`jwk`, `jku`, `x5u`, `x5c`) are ignored.
tl::expected<std::optional<std::string>, Refusal> read_header(std::string_view json, JwtAlgorithm algorithm);

/// Requirements for the claims of a token.
struct ClaimRules {
  std::string audience;  ///< empty: a token with `aud` is refused
  std::string issuer;    ///< empty: not checked
  std::chrono::seconds leeway{0};
  std::chrono::seconds max_lifetime{0};  ///< see JwtOptions
};

/// The credential in the claims, if they are valid at `now`. Times are within the years 1970 to 9999.
tl::expected<domain::Credential, Refusal> read_claims(std::string_view json, const ClaimRules& rules,
                                                      domain::Timestamp now);

}  // namespace danwa::infra
