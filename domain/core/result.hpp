#pragma once

#include <optional>
#include <tl/expected.hpp>
#include <tuple>
#include <utility>

#include "domain/core/error.hpp"

namespace danwa::domain {

/// A value, or every reason why there is none.
template <class T>
using Result = tl::expected<T, Errors>;

inline tl::unexpected<Errors> fail(Errors errors) { return tl::unexpected<Errors>{std::move(errors)}; }

/// Joins independent results; the failure holds the errors of all that failed, in order.
///
///     auto parsed = combine(CommentContent::parse(text), ConversationKey::parse(key));
///     if (!parsed) return fail(std::move(parsed).error());
///     auto& [content, conversation] = *parsed;
template <class... T>
Result<std::tuple<T...>> combine(Result<T>... results) {
  std::optional<Errors> errors;
  const auto gather = [&errors](auto& result) {
    if (result) return;
    if (errors) {
      errors->add(std::move(result.error()));
    } else {
      errors = std::move(result.error());
    }
  };
  (gather(results), ...);
  if (errors) return fail(std::move(*errors));
  return std::tuple<T...>{std::move(*results)...};
}

}  // namespace danwa::domain
