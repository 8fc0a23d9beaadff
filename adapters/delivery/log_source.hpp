#pragma once

#include <functional>

#include "domain/channel/log_identity.hpp"

namespace danwa::adapters {

/// Answers which log this node has now. Thread safe; never blocks for long. Empty: nothing is named.
using LogSource = std::function<domain::LogIdentity()>;

inline domain::LogIdentity log_now(const LogSource& source) { return source ? source() : domain::LogIdentity{}; }

}  // namespace danwa::adapters
