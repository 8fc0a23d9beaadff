#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "domain/account/credential.hpp"
#include "domain/core/time.hpp"

namespace danwa::jwt {

/// The content of a token to make.
struct TokenRequest {
  std::string algorithm;  ///< "HS256", "RS256" or "ES256"
  std::string key;        ///< HS256: the secret; else a PEM private key
  std::string key_id;     ///< `kid` of the header; empty: none
  std::string user;
  std::string company;
  std::vector<std::string> stores;
  std::optional<std::vector<domain::Grant>> grants;
  std::string audience;
  std::string issuer;
  domain::Timestamp now;
  std::chrono::seconds lifetime{3600};
};

/// Makes a signed token, for tests and `danwa token`. Throws std::runtime_error with one line if the key does not fit
/// the algorithm.
std::string make_token(const TokenRequest& request);

}  // namespace danwa::jwt
