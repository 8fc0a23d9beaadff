#pragma once

#include <optional>

#include "usecase/read_position.hpp"

namespace danwa::adapters {

/// Position to return with a read of the master. Empty for a client that sent none, because reading the position costs
/// a query and only its users should pay for it. Also empty if the position cannot be read, since the answer itself is
/// valid.
usecase::Async<std::optional<domain::Position>> tell_position(const usecase::ReadPosition& read,
                                                              std::optional<domain::Position> seen);

}  // namespace danwa::adapters
