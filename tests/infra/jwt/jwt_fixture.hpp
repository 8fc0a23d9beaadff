#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "infra/jwt/jwt_verifier.hpp"
#include "infra/jwt/key.hpp"
#include "infra/jwt/make_token.hpp"
#include "infra/jwt/signature.hpp"

namespace danwa::tests {

/// Who a token proves, as `verifier` says.
inline domain::Result<domain::Credential> to_who(const domain::Result<usecase::LeasePtr>& lease) {
  if (!lease) return domain::fail(lease.error());
  return (*lease)->who();
}
inline domain::Result<domain::Credential> who_of(const usecase::TokenVerifier& verifier, std::string_view token) {
  return to_who(verifier.lease(token));
}
inline domain::Result<domain::Credential> who_of_none(const usecase::TokenVerifier& verifier) {
  return to_who(verifier.lease_absent());
}

/// Stands still until told.
class HandClock final : public usecase::Clock {
 public:
  domain::Timestamp now() const override { return now_; }
  void set(domain::Timestamp now) { now_ = now; }

 private:
  domain::Timestamp now_{std::chrono::seconds{1'800'000'000}};
};

/// Keeps every line as "event why".
class LineLogger final : public adapters::Logger {
 public:
  void log(adapters::LogLevel, std::string_view event, std::vector<adapters::LogField> fields) override {
    const std::lock_guard lock{mutex_};
    std::string line{event};
    for (const auto& field : fields) {
      if (const auto* text = std::get_if<std::string>(&field.value)) line += ' ' + *text;
    }
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// A folder of its own that is gone with the test.
class TempDir {
 public:
  TempDir() {
    char name[] = "/tmp/danwa-jwt-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~TempDir() {
    for (const auto& file : files_) std::remove(file.c_str());
    rmdir(path_.c_str());
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  /// Replaces the file as a careful operator does: by renaming, so that its inode changes.
  std::string write(const std::string& name, const std::string& bytes) {
    const std::string file = path_ + '/' + name;
    std::ofstream{file + ".new", std::ios::binary} << bytes;
    std::rename((file + ".new").c_str(), file.c_str());
    files_.push_back(file);
    return file;
  }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

/// A key pair in PEM, made on the spot.
struct KeyPair {
  std::string private_pem;
  std::string public_pem;
};
KeyPair make_rsa(unsigned bits, unsigned exponent = 65537);
KeyPair make_ec(const char* curve);

/// The JWK (without braces' neighbours) of a public key, e.g. `{"kty":"RSA","kid":"a","n":...,"e":...}`.
std::string to_jwk(const KeyPair& pair, const std::string& kid, const std::string& more = "");

inline const std::string kSecret = "a secret that has more than 32 bytes, as it must";
inline const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";
inline const std::string kClaims = R"({"sub":"ann","company":"acme","exp":1800000600})";

/// A token of these very texts, signed with the HS256 secret.
inline std::string sign_text(const std::string& header, const std::string& claims, const jwt::Key& key) {
  const std::string input = jwt::to_base64url(header) + '.' + jwt::to_base64url(claims);
  return input + '.' + jwt::to_base64url(key.sign(input));
}
inline std::string sign_text(const std::string& header, const std::string& claims) {
  return sign_text(header, claims, jwt::Key::secret(kSecret));
}

}  // namespace danwa::tests
