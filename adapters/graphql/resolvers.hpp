#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

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

/// Fills the table of resolvers.
class ResolverTable {
 public:
  using Answer = usecase::Async<domain::Result<nlohmann::json>>;
  using Function = Answer (*)(const UseCases&, const nlohmann::json& arguments, const Context&);

  ResolverTable(const UseCases& use_cases, Resolvers& resolvers) : use_cases_{use_cases}, resolvers_{resolvers} {}

  void add(const char* field, Function function) {
    resolvers_[field] = [&use_cases = use_cases_, function](const nlohmann::json& arguments, const Context& context) {
      return function(use_cases, arguments, context);
    };
  }

  /// The same for a field that reads the database: it waits for the caller's turn.
  void add_read(const char* field, Function function) {
    resolvers_[field] = [&use_cases = use_cases_, function](const nlohmann::json& arguments, const Context& context) {
      return use_cases.turns.in_turn(context.caller, context.visit, function(use_cases, arguments, context));
    };
  }

 private:
  const UseCases& use_cases_;
  Resolvers& resolvers_;
};

void add_comment_resolvers(ResolverTable& table);
void add_conversation_resolvers(ResolverTable& table);
void add_notification_resolvers(ResolverTable& table);

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

template <class T>
nlohmann::json optional_json(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

}  // namespace danwa::adapters::graphql
