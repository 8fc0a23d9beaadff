#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/graphql/resolve.hpp"
#include "adapters/protocol/graphql/subscription.hpp"
#include "usecase/use_cases.hpp"

namespace danwa::adapters::graphql {

using usecase::UseCases;

/// The schema of danwa, schema.graphql, which the build compiles into the program.
const Schema& danwa_schema();

/// The resolvers of all fields of Query and Mutation. `use_cases` outlives them.
Resolvers make_resolvers(const UseCases& use_cases);

/// The watch behind a field of Subscription, if `caller` may have it. `use_cases` lives until the coroutine has ended.
/// Errors: those of the use case; `after-invalid`; `not-granted` for another person's notifications.
usecase::Async<domain::Result<usecase::Watch>> open_watch(const UseCases& use_cases, Subscription subscription,
                                                          domain::Credential caller,
                                                          std::optional<domain::Position> seen);

/// How one field of Query or Mutation is answered.
struct FieldResolver {
  using Answer = usecase::Async<domain::Result<nlohmann::json>>;

  const char* field;  ///< e.g. "Query.comments"
  Answer (*function)(const UseCases&, const nlohmann::json& arguments, const Context&);
  bool reads_database = false;  ///< it waits for the caller's turn
};

/// The fields of comments, conversations and members.
std::vector<FieldResolver> conversation_resolvers();

/// The member of that name. Null if it is absent or null, or if `object` is no object.
inline const nlohmann::json* find_member(const nlohmann::json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// A flag; false if it is absent or null.
inline bool flag_argument(const nlohmann::json& arguments, const char* name) {
  const auto* given = find_member(arguments, name);
  return given != nullptr && given->get<bool>();
}

inline std::optional<std::string> text_argument(const nlohmann::json& arguments, const char* name) {
  const auto* value = find_member(arguments, name);
  return value == nullptr ? std::nullopt : std::optional{value->get<std::string>()};
}

inline std::optional<std::uint64_t> seq_argument(const nlohmann::json& arguments, const char* name) {
  const auto* value = find_member(arguments, name);
  return value == nullptr ? std::nullopt : std::optional{value->get<std::uint64_t>()};
}

/// `limit`: 1 to 200, as the schema says; 50 if it is null. Errors: `limit-out-of-range`.
domain::Result<std::size_t> limit_argument(const nlohmann::json& arguments);

}  // namespace danwa::adapters::graphql
