#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace danwa::adapters::graphql {

/// A place in a GraphQL text: bytes from its start.
using Offset = std::uint32_t;

/// A place in a GraphQL text as people count: lines from 1, columns from 1 in code points.
struct Location {
  std::size_t line = 1;
  std::size_t column = 1;

  friend bool operator==(const Location&, const Location&) = default;
};

/// `\n`, `\r` and `\r\n` end lines. `offset` may be the end of the text.
Location locate(std::string_view text, Offset offset);

/// The way to a value in an answer: response names and places in lists (from 0).
using Path = std::vector<std::variant<std::string, std::size_t>>;

/// One entry of an answer's `errors`. Codes of the engine itself: `graphql-limit` (too long, too deep, too much),
/// `graphql-syntax`, `graphql-validation`, `graphql-operation` (no operation of that name), `graphql-variables`,
/// `graphql-result` (a resolver's value does not fit the schema). All other codes are those of resolvers.
struct GraphqlError {
  std::string message;                ///< one English sentence
  std::string code;                   ///< `extensions.code`: stable, for programs
  std::string resource{};             ///< `extensions.resource`, absent when empty
  std::vector<Location> locations{};  ///< may be empty
  Path path{};                        ///< of errors during execution, else empty

  friend bool operator==(const GraphqlError&, const GraphqlError&) = default;
};

/// Never empty if it reports a failure.
using GraphqlErrors = std::vector<GraphqlError>;

/// A value, or all reasons why there is no value.
template <class T>
using Outcome = tl::expected<T, GraphqlErrors>;

inline tl::unexpected<GraphqlErrors> refuse(GraphqlErrors errors) {
  return tl::unexpected<GraphqlErrors>{std::move(errors)};
}
inline tl::unexpected<GraphqlErrors> refuse(GraphqlError error) { return refuse(GraphqlErrors{std::move(error)}); }

/// `{message, locations?, path?, extensions: {code, resource?}}` (specification of October 2021, 7.1.2).
nlohmann::ordered_json to_json(const GraphqlError& error);

/// The JSON array of `errors`.
nlohmann::ordered_json to_json(const GraphqlErrors& errors);

/// `{"errors": […]}`: the answer to a request that was never executed.
nlohmann::ordered_json failed_request(const GraphqlErrors& errors);

}  // namespace danwa::adapters::graphql
