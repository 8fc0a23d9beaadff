#pragma once

#include "usecase/ports/presence.hpp"

namespace danwa::tests {

/// Nobody watches anything.
struct NobodyPresent final : usecase::Presence {
  usecase::Async<Page> present(domain::ChannelKey /*conversation*/, std::optional<domain::UserId> /*after*/,
                               std::size_t /*limit*/) override {
    co_return Page{};
  }
};

}  // namespace danwa::tests
