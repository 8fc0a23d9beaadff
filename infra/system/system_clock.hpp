#pragma once

#include "usecase/ports/clock.hpp"

namespace danwa::infra {

/// The machine's clock. Thread safe.
class SystemClock final : public usecase::Clock {
 public:
  domain::Timestamp now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace danwa::infra
