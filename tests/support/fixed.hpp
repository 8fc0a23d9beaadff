#pragma once

#include "usecase/ports/system.hpp"

namespace danwa::tests {

/// It is always 42 ms past the epoch.
struct FixedClock final : usecase::Clock {
  domain::Timestamp now() const override { return domain::Timestamp{std::chrono::milliseconds{42}}; }
};

/// There is one id.
struct FixedIds final : usecase::IdGenerator {
  domain::Uuid next() override { return *domain::Uuid::parse("018f0000-0000-7000-8000-000000000001"); }
};

}  // namespace danwa::tests
