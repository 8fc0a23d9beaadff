#pragma once

#include <string>

#include "domain/core/time.hpp"

namespace danwa::infra {

/// The message of a live stream before its token ends, so that the client gets a new token in time.
inline std::string expiry_notice(domain::Timestamp expires_at) {
  return R"({"type":"token-expiring","payload":{"expiresAt":")" + domain::to_rfc3339(expires_at) + R"("}})";
}

}  // namespace danwa::infra
