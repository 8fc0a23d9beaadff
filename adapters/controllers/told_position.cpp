#include "adapters/controllers/told_position.hpp"

namespace danwa::adapters {

usecase::Async<std::optional<domain::Position>> tell_position(const usecase::ReadPosition& read,
                                                              std::optional<domain::Position> seen) {
  if (!seen) co_return std::nullopt;
  auto now = co_await read.execute();
  if (!now) co_return std::nullopt;
  co_return std::move(*now);
}

}  // namespace danwa::adapters
