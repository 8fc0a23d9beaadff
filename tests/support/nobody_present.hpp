#pragma once

#include "usecase/ports/presence.hpp"

namespace danwa::tests {

/// Nobody watches anything.
struct NobodyPresent final : usecase::Presence {
  Page present(const domain::ChannelKey& /*channel*/, const std::optional<domain::UserId>& /*after*/,
               std::size_t /*limit*/) const override {
    return {.count = 0, .users = {}, .more = false};
  }
};

}  // namespace danwa::tests
