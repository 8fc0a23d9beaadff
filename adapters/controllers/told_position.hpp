#pragma once

#include <optional>

#include "usecase/read_position.hpp"

namespace danwa::adapters {

/// What an answer that was read on the master tells of its position: nothing to a client that has told none, so
/// that only those pay for it who use it; nothing when it cannot be read, the answer being good all the same.
usecase::Async<std::optional<domain::Position>> tell_position(const usecase::ReadPosition& read,
                                                              std::optional<domain::Position> seen);

}  // namespace danwa::adapters
